/** A branch of a recording: its machine at a moment, and a future with other inputs, memory or another guest. */
import type { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { PositionedEvent } from "../../../reducers/events.js";
import { streamEventOf, type StreamEvent } from "../../../reducers/stream-event.js";
import type { LogHeader, LogSink } from "../../store/log/index.js";
import type { ImageContents } from "../../store/image-contents.js";
import { eventStreamFrom, type EventStream } from "../../time/event-stream.js";
import { check } from "../../../options/check.js";
import { distance, exactly, maybe } from "../../../options/codecs.js";
import { aSink } from "../../../options/parts.js";
import { replaySteps } from "../replayer.js";
import { HeardOutput, endOf, type BranchEnd } from "./branch-end.js";
import { onMachine } from "../on-machine.js";
import type { BranchPlan } from "./branch-plan.js";
import { carriedBy, openBranchWriter } from "./branch-writer.js";
import { Future } from "./future.js";

export interface BranchRunOptions {
  /** So many instructions after the fork, and no more. */
  readonly insns?: number | undefined;
}

const RUN_OPTIONS = exactly<BranchRunOptions>({ insns: maybe(distance) });

/** How a branch that is no replay of its parent's images gets its machine. */
export interface BranchMachine {
  readonly machine: Machine;
  readonly contents: readonly ImageContents[];
}

/** Nothing of it runs until it is asked for; each use runs it anew, and comes to the same. */
export class Branch {
  constructor(
    private readonly plan: BranchPlan,
    /** As its recording has it. */
    readonly header: LogHeader,
    /** Of another kernel. */
    private readonly other?: BranchMachine,
  ) {}

  /** Whether it differs from its parent at all. */
  get differs(): boolean {
    return this.plan.future !== undefined;
  }

  /** Its events after the fork. Throws, when it is read, as a replay does. */
  get events$(): EventStream {
    return eventStreamFrom(() => this.events());
  }

  /** Runs it to its end, or so far. @throws {Divergence} */
  run(options: BranchRunOptions = {}): BranchEnd & { readonly state: MachineState } {
    check("run", RUN_OPTIONS, options);
    return drained(
      this.onMachine((machine) =>
        this.played(machine, options.insns, (output) => ({
          ...endOf(machine, this.plan.point.state.position.icount, output),
          state: machine.state(),
        })),
      ),
    );
  }

  /** Writes all of it, from its parent's beginning on, as a recording. @throws {Divergence} and what the sink throws */
  record(sink: LogSink): BranchEnd {
    return drained(this.recordSteps(sink));
  }

  /** The same in steps, so that a host has its turns in between. */
  *recordSteps(sink: LogSink): Generator<PositionedEvent | undefined, BranchEnd> {
    check("record", exactly<{ readonly sink: LogSink }>({ sink: aSink }), { sink });
    return yield* this.onMachine((machine) => this.recorded(machine, sink));
  }

  private *events(): Generator<StreamEvent, void> {
    const events = this.onMachine((machine) => this.streamed(machine));
    for (const event of events) yield event;
  }

  private *streamed(machine: Machine): Generator<StreamEvent, void> {
    for (const event of this.steps(machine, undefined))
      if (event !== undefined) yield streamEventOf(event, machine.virtualNs);
  }

  private *onMachine<Step, End>(work: (machine: Machine) => Generator<Step, End>): Generator<Step, End> {
    const { other, plan } = this;
    if (other === undefined) return yield* onMachine(plan.recording, plan.start ?? plan.point.state, work);
    return yield* work(other.machine);
  }

  private *played<End>(
    machine: Machine,
    insns: number | undefined,
    look: (output: HeardOutput) => End,
  ): Generator<PositionedEvent | undefined, End> {
    const output = new HeardOutput();
    const stopListening = machine.listen((effect) => {
      output.hear(effect);
    });
    try {
      yield* this.steps(machine, insns);
      return look(output);
    } finally {
      stopListening();
    }
  }

  /** From the fork on. */
  private *steps(machine: Machine, insns: number | undefined): Generator<PositionedEvent | undefined, void> {
    const { recording, point, follow, start, future } = this.plan;
    const untilIcount = Math.min(this.plan.untilIcount, point.state.position.icount + (insns ?? Infinity));
    machine.load(start ?? point.state);
    if (start === undefined) {
      const isShort = untilIcount < follow.icount;
      yield* replaySteps(machine, recording.log, isShort ? untilIcount : future === undefined ? undefined : follow);
      if (isShort) return;
    }
    if (future === undefined) return;
    const { inputs, options } = future;
    yield* new Future(machine, inputs, { ...options, untilIcount: Math.min(options.untilIcount, untilIcount) }).steps();
  }

  private *recorded(machine: Machine, sink: LogSink): Generator<PositionedEvent | undefined, BranchEnd> {
    const { header, plan } = this;
    const writer = openBranchWriter(plan, header, sink, carriedBy(plan, header, this.other?.contents));
    try {
      const steps = this.played(machine, undefined, (output) => ({
        end: endOf(machine, plan.point.state.position.icount, output),
        hash: machine.hash(),
      }));
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done === true) {
          const { end, hash } = step.value;
          writer.close({ seq: end.seq, icount: end.icount, hash, cause: end.cause });
          return end;
        }
        if (step.value !== undefined) writer.append(step.value);
        yield step.value;
      }
    } finally {
      // Of one that was closed, nothing is left to abandon.
      writer.abandon();
    }
  }
}

function drained<End>(steps: Generator<unknown, End>): End {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
