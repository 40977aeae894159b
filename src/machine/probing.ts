/** Several who are told what the guest of a machine that runs does: each what it asked for, as if it were alone. */
import type { Probed, Probes } from "./engine/probes.js";
import { allWanted, wanting, type AtInstruction } from "./engine/wanted.js";
import type { Machine, MachineOptions } from "./machine.js";

/** In the middle of a run; it changes nothing, and throws nothing. */
export type Told = (icount: number, probed: Probed) => void;

export interface Watcher {
  /** In the place of what it asked for before. @throws {RangeError} where all ask for too much */
  watch(probes: Probes): void;
  /** It is told no more. */
  leave(): void;
}

interface Watching {
  probes: Probes;
  isWanted: ReturnType<typeof wanting>;
  readonly at: AtInstruction;
  readonly tell: Told;
}

export class Probing {
  private all: readonly Watching[] = [];

  /** For a machine of which it is. */
  readonly told: Told = (icount, probed) => {
    for (const one of this.all) if (one.isWanted(probed, one.at)) one.tell(icount, probed);
  };

  /** Of that machine. It has asked for nothing yet. */
  watcher(machine: Pick<Machine, "watch" | "pc" | "codeAt">, tell: Told): Watcher {
    const own: Watching = { probes: {}, isWanted: () => false, at: machine, tell };
    this.all = [...this.all, own];
    return {
      watch: (probes) => {
        machine.watch(allWanted(this.all.map((one) => (one === own ? probes : one.probes))));
        own.probes = probes;
        own.isWanted = wanting(probes);
      },
      leave: () => {
        this.all = this.all.filter((one) => one !== own);
        machine.watch(allWanted(this.all.map(({ probes }) => probes)));
      },
    };
  }
}

/** For a machine of which it is. */
export const probedBy = (probing: Probing | undefined): Pick<MachineOptions, "probed"> =>
  probing === undefined ? {} : { probed: probing.told };
