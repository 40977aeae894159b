/** A machine that replays parts of a recording with probes on. Asking changes nothing: it is a machine of its own. */
import type { Probed } from "../../../machine/engine/probes.js";
import { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import { Control } from "../../time/control.js";
import type { Recording } from "../recording.js";
import { replaySteps, type StateKeeper } from "../replayer.js";
import type { Until } from "../until.js";
import type { Question } from "./question.js";

/** The rows from a state on, a few at a time, in order. Leaves states on its way. */
export function* probedRows<Row>(
  recording: Recording,
  question: Question<Row>,
  from: MachineState,
  until: Until | undefined,
): Generator<readonly Row[], void> {
  const idle = idleReplays.get(recording) ?? [];
  idleReplays.set(recording, idle);
  const replay = idle.pop() ?? new ProbedReplay(recording);
  try {
    yield* replay.rows(question, from, until);
  } finally {
    if (idle.length < MAX_IDLE_REPLAYS) idle.push(replay);
  }
}

/** Making one, and compiling its guest's code, takes longer than most questions. */
const idleReplays = new WeakMap<Recording, ProbedReplay[]>();
export const MAX_IDLE_REPLAYS = 2;

/** What may wait to be read. The machine stops after as many. */
export const MAX_UNREAD_ROWS = 4096;

class ProbedReplay {
  private readonly machine: Machine;
  private told: (icount: number, probed: Probed) => void = () => undefined;

  /** @throws {ImageError} */
  constructor(private readonly recording: Recording) {
    this.machine = recording.openMachine(
      (initial, { engine, ...options }) =>
        new Machine(initial, {
          ...options,
          engine,
          probed: (...told) => {
            this.told(...told);
          },
        }),
    );
  }

  *rows<Row>(question: Question<Row>, from: MachineState, until: Until | undefined): Generator<readonly Row[], void> {
    const { machine, recording } = this;
    let rows: Row[] = [];
    let arrived = "";
    const add = (row: Row | undefined): void => {
      if (row === undefined) return;
      rows.push(row);
      if (rows.length >= MAX_UNREAD_ROWS) machine.breakOff();
    };
    this.told = (icount, probed) => {
      if (probed.type === "instruction/reached") {
        // An instruction that waits for the host's answer starts again, and arrives twice where it retires once.
        const arrival = `${String(icount)} ${String(machine.hart)} ${String(probed.address)}`;
        if (arrival === arrived) return;
        arrived = arrival;
      }
      add(question.row?.(machine, icount, probed));
    };
    machine.load(from);
    machine.watch(question.probes ?? {});
    const stopListening = machine.listen((effect) => {
      for (const row of question.heard?.(machine, effect) ?? []) add(row);
    });
    // A replay that can be held can be left: at any instruction, not only where its next event is.
    const steps = replaySteps(machine, recording.log, until, { control: new Control(), keeper: onTheWay(recording) });
    try {
      for (const _ of steps) {
        yield rows;
        rows = [];
      }
      yield rows;
    } finally {
      stopListening();
      machine.watch({});
    }
  }
}

/** Where a segment ends is no place that anybody asked for, so no states are kept near it. */
const onTheWay = ({ kept }: Recording): StateKeeper => ({
  nextIcount: (position) => kept.nextIcount(position, Infinity),
  keep: (state) => {
    kept.keep(state);
  },
});
