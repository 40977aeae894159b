/** A machine that replays parts of a recording with probes on. Asking changes nothing: it is a machine of its own. */
import type { Probed } from "../../../machine/engine/probes.js";
import { Machine, type MachineOptions, type Stop } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { PositionedEvent } from "../../../reducers/events.js";
import { Control } from "../../time/control.js";
import type { Recording } from "../recording.js";
import type { StateKeeper } from "../../store/state-keeper.js";
import { replaySteps } from "../replayer.js";
import type { Until } from "../until.js";
import type { Progress } from "./progress.js";
import type { Listener } from "./question.js";
import { toldOnce } from "./told-once.js";

export interface FindsOptions {
  readonly leavesStates?: boolean;
  /** Hears how far it is, now and then. */
  readonly progress?: Progress | undefined;
}

/** What a listener finds from a state on, a few at a time, in order. */
export function* findsFrom<Found>(
  recording: Recording,
  listener: Listener<Found>,
  from: MachineState,
  until: Until | undefined,
  { leavesStates = true, progress }: FindsOptions = {},
): Generator<readonly Found[], void> {
  const replay = new ProbedReplay(recording, from);
  try {
    const keeper = leavesStates ? onTheWay(recording) : undefined;
    yield* replay.finds(listener, until, { keeper, progress });
  } finally {
    replay.release();
  }
}

/** What may wait to be read. The machine stops after as many. */
export const MAX_UNREAD_ROWS = 4096;

class ProbedReplay {
  private readonly machine: CutMachine;
  private told: (icount: number, probed: Probed) => void = () => undefined;

  /** @throws {ImageError} */
  constructor(
    private readonly recording: Recording,
    from: MachineState,
  ) {
    let machine!: CutMachine;
    recording.openMachine((initial, options) => {
      const probed: MachineOptions["probed"] = (...told) => {
        this.told(...told);
      };
      return (machine = new CutMachine(initial, { ...options, probed }));
    }, from);
    this.machine = machine;
  }

  release(): void {
    this.machine.release();
  }

  *finds<Found>(
    listener: Listener<Found>,
    until: Until | undefined,
    { keeper, progress }: { readonly keeper: StateKeeper | undefined; readonly progress: Progress | undefined },
  ): Generator<readonly Found[], void> {
    const { machine, recording } = this;
    const finds = new Finds<Found>(machine);
    let watched = listener.probes;
    machine.watch(watched ?? {});
    this.told = toldOnce(machine, (icount, probed) => {
      finds.add(() => [listener.told?.(machine, icount, probed)]);
    });
    const stands = (event: PositionedEvent | undefined): void => {
      if (listener.probes !== watched) machine.watch((watched = listener.probes) ?? {});
      if (listener.stands !== undefined) finds.add(() => listener.stands?.(machine, event));
    };
    machine.cuts = listener.nextIcount && {
      next: () => listener.nextIcount?.(machine) ?? Infinity,
      stands: () => {
        stands(undefined);
      },
    };
    const stopListening = machine.listen((effect) => {
      finds.add(() => listener.heard?.(machine, effect));
    });
    // A replay that can be held can be left: at any instruction, not only where its next event is.
    const steps = replaySteps(machine, recording.log, until, { control: new Control(), keeper });
    try {
      stands(undefined);
      for (const event of recording.speed.measured(machine, steps)) {
        stands(event);
        progress?.(machine.position);
        yield finds.taken();
      }
      stands(undefined);
      finds.add(() => listener.ends?.(machine));
      for (let rest = finds.taken(); rest.length > 0; rest = finds.taken()) yield rest;
    } finally {
      stopListening();
      machine.cuts = undefined;
    }
  }
}

/** What was found in the middle of a run, where nothing may be thrown. */
class Finds<Found> {
  private found: Found[] = [];
  private fault: { readonly thrown: unknown } | undefined;

  constructor(private readonly machine: Machine) {}

  add(find: () => readonly (Found | undefined)[] | undefined): void {
    if (this.fault !== undefined) return;
    try {
      for (const one of find() ?? []) if (one !== undefined) this.found.push(one);
    } catch (thrown) {
      this.fault = { thrown };
    }
    if (this.fault !== undefined || this.found.length >= MAX_UNREAD_ROWS) this.machine.breakOff();
  }

  /** What there is since the last time. Throws what finding it threw, once all before that is taken. */
  taken(): readonly Found[] {
    const { found, fault } = this;
    this.found = [];
    if (fault !== undefined && found.length === 0) throw fault.thrown;
    return found;
  }
}

interface Cuts {
  /** The icount at which it stops next. */
  next(): number;
  stands(): void;
}

/** A machine whose runs are cut where somebody wants to look at it. Cutting a run changes nothing else. */
class CutMachine extends Machine {
  cuts: Cuts | undefined;

  override run(untilIcount: number): Stop {
    for (;;) {
      const next = this.cuts?.next() ?? Infinity;
      const stop = super.run(Math.min(untilIcount, next));
      if (this.position.icount >= next) this.cuts?.stands();
      if (stop !== "arrived" || this.position.icount >= untilIcount) return stop;
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
