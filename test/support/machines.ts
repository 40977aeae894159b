/** A whole machine on any engine, moved to an icount with the events that its own state predicts. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { initialState } from "../../src/machine/initial-state.js";
import { Machine } from "../../src/machine/machine.js";
import type { MachineState } from "../../src/machine/state.js";
import type { NamedEngine } from "./engines.js";

const MIB = 2 ** 20;

const guestFile = (path: string): Uint8Array =>
  readFileSync(fileURLToPath(new URL(`../../guests/${path}`, import.meta.url)));

/** A bare-metal ELF at reset, in `mebibytes` of RAM. */
export const guestAtReset = (path: string, mebibytes: number): MachineState =>
  initialState(
    { memoryBytes: mebibytes * MIB, harts: 1, shift: 0, append: null, rngSeed: "", virtio: [] },
    { kernel: guestFile(path) },
  );

export const machineOn = ({ create }: NamedEngine, state: MachineState): Machine =>
  new Machine(state, { engine: create });

/** Applies what is due, and warps over idle time; stops early only where nothing will ever happen. */
export function moveTo(machine: Machine, icount: number): void {
  for (;;) {
    const stop = machine.run(icount);
    if (stop === "due") {
      const event = machine.due();
      if (event === undefined) throw new Error("due, but no event");
      machine.apply(event);
    } else if (stop === "idle" && machine.deadlineNs !== undefined) {
      machine.apply({ type: "clock/warped", byNs: machine.deadlineNs - machine.virtualNs });
    } else {
      return;
    }
  }
}
