/** The programs for several harts, on a machine whose turns end where a test says. */
import { readFileSync } from "node:fs";

import { initialState } from "../../src/machine/initial-state.js";
import { Machine } from "../../src/machine/machine.js";
import type { MachineState } from "../../src/machine/state.js";
import { guestElf } from "./guest-build.js";

export const HARTS_ELF = guestElf("harts");
export const HARTS_MEMORY = "16M";

/** What these programs do has one right outcome, whoever's turn it is when. */
export const ONE_ANSWER = ["lock-lrsc", "lock-amo", "lock-ticket", "messages", "barrier", "code", "shootdown"] as const;
/** Their bugs show in some schedules only. */
export const WITH_BUGS = ["depth2", "depth3", "lost-update"] as const;

export const hartsAtReset = (program: string, harts: number): MachineState =>
  initialState(
    { memoryBytes: 16 * 2 ** 20, harts, shift: 0, append: program, rngSeed: "", virtio: [] },
    { kernel: readFileSync(HARTS_ELF) },
  );

export interface Outcome {
  /** Undefined: it did not end. */
  readonly code: number | undefined;
  readonly console: string;
  readonly icount: number;
  readonly hash: bigint;
}

const MOST_INSNS = 50_000_000;

/** Many runs on one machine: what was compiled in one serves the next. */
export class HartsGuest {
  private readonly machine: Machine;

  constructor(private readonly initial: MachineState) {
    this.machine = new Machine(initial);
  }

  /** Turns end at these icounts, and where they end anyway. */
  run(turnEnds: Iterator<number> = [][Symbol.iterator]()): Outcome {
    const { machine } = this;
    let console = "";
    const stopListening = machine.listen((effect) => {
      if (effect.type === "console/transmitted") console += Buffer.from(effect.bytes).toString("latin1");
    });
    machine.load(this.initial);
    let turnEnd = nextOf(turnEnds);
    while (machine.position.icount < MOST_INSNS) {
      const stop = machine.run(Math.min(turnEnd, MOST_INSNS));
      const due = machine.due();
      if (due !== undefined) {
        machine.apply(due);
      } else if (stop === "arrived" && machine.position.icount === turnEnd) {
        machine.apply({ type: "schedule/turnEnded" });
        turnEnd = nextOf(turnEnds);
      } else {
        break;
      }
    }
    stopListening();
    return { code: machine.ended?.code, console, icount: machine.position.icount, hash: machine.hash() };
  }
}

const nextOf = (icounts: Iterator<number>): number => {
  const next: IteratorResult<number, unknown> = icounts.next();
  return next.done === true ? Infinity : next.value;
};
