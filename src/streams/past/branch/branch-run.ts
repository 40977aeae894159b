/**
 * A branch that comes to be while somebody looks at it: what he writes is an event of it, and what came from outside
 * in its parent comes to it too. It is recorded in memory, so that it can be gone back in.
 */
import { fold } from "../../../machine/fold.js";
import type { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import { isOfDebugger, type DebuggerEvent } from "../../../reducers/debugger.js";
import type { PositionedEvent } from "../../../reducers/events.js";
import { hexAddress, hexOfBytes } from "../../../reducers/hex.js";
import type { Seq } from "../../../reducers/position.js";
import { endedAt, memorySink, openLog, type LogHeader, type LogSink, type LogWriter } from "../../store/log/index.js";
import { runEnd } from "../../store/run-end.js";
import type { Control } from "../../time/control.js";
import { KeptStates } from "../kept-states.js";
import type { MachineBuilder, Recording } from "../recording.js";
import { branchHeader, DEFAULT_SEED, MAX_CHANGES } from "./branch-header.js";
import { planOf, type BranchPlan } from "./branch-plan.js";
import { carriedBy, openBranchWriter } from "./branch-writer.js";
import { newPoint } from "./fork-point.js";
import { Future, type FutureOptions, type FuturePlace } from "./future.js";
import type { BranchInput } from "./branch-input.js";

/** What its recording in memory may take. */
export const MAX_BRANCH_BYTES = 256 * 2 ** 20;

export class BranchRun {
  readonly machine: Machine;
  private readonly plan: BranchPlan;
  private readonly inputs: readonly BranchInput[];
  private readonly options: FutureOptions;
  private readonly sink = memorySink(MAX_BRANCH_BYTES);
  private readonly writer: LogWriter;
  private readonly kept = new KeptStates();
  private readonly written: string[] = [];
  private place: FuturePlace | undefined;
  private made: Recording | undefined;

  /** `state`: one that the parent comes to. */
  constructor(parent: Recording, state: MachineState, build?: MachineBuilder) {
    const whole = newPoint(parent, state);
    // What a debugger wrote later, and went back before, is what the branch is to be without.
    const point = { ...whole, inputs: whole.inputs.filter((input) => !isOfDebugger(input)) };
    this.plan = planOf(parent, point, point.inputs, { seed: DEFAULT_SEED, isLeft: true });
    const { future } = this.plan;
    if (future === undefined) throw new Error("a branch that leaves its parent has no future");
    this.inputs = future.inputs;
    // A machine of its own goes on where nothing comes from its parent any more.
    this.options = { ...future.options, untilIcount: Infinity, untilNs: undefined };
    this.machine = parent.openMachine(build);
    this.machine.load(state);
    this.kept.keep(state, false);
    this.writer = openBranchWriter(this.plan, this.header, this.sink);
  }

  /** Its events as they come, after their folds. It goes on where the steps before ended. */
  *steps(control: Control): Generator<PositionedEvent | undefined, void> {
    const { machine, kept } = this;
    const future = new Future(machine, this.inputs, { ...this.options, place: this.place });
    const steps = future.steps();
    let keepIcount = kept.nextIcount(machine.position, Infinity);
    for (;;) {
      future.pauseIcount = control.limitIcount;
      const { done, value } = steps.next();
      this.place = future.place;
      if (done === true) return;
      if (value !== undefined) this.writer.append(value);
      else if (machine.position.icount >= keepIcount && machine.position.icount > this.writer.lastIcount) {
        kept.keep(machine.state());
        keepIcount = kept.nextIcount(machine.position, Infinity);
      }
      yield value;
    }
  }

  /** At where it stands. @throws {Divergence} where the machine can't take it. */
  write(event: DebuggerEvent): void {
    const { seq, icount } = this.machine.position;
    const positioned = { seq: (seq + 1) as Seq, icount, event };
    fold(this.machine, positioned);
    this.writer.append(positioned);
    if (this.written.length < MAX_CHANGES) this.written.push(toldOf(event));
  }

  /** All of it until now, from its parent's beginning on. */
  get recording(): Recording {
    this.writer.flush();
    if (this.made === undefined) {
      const open = () => endedAt(openLog(this.sink.bytes()), runEnd(this.machine));
      this.made = this.plan.recording.sibling(open, { kept: this.kept });
    } else this.made.reread();
    return this.made;
  }

  /** Writes all of it until now as a recording that ends here. */
  save(sink: LogSink): void {
    const { recording, plan, header } = this;
    const writer = openBranchWriter(plan, header, sink, carriedBy(plan, header));
    try {
      for (const event of recording.log.events({ fromSeq: plan.point.state.position.seq + 1 })) writer.append(event);
      writer.close(runEnd(this.machine));
    } finally {
      writer.abandon();
    }
  }

  private get header(): LogHeader {
    return branchHeader(this.plan, { seed: DEFAULT_SEED, changes: ["by a debugger", ...this.written] });
  }
}

const toldOf = (event: DebuggerEvent): string =>
  event.type === "debugger/memoryWritten"
    ? `${hexAddress(event.address)} = ${hexOfBytes(event.bytes)}`
    : `${event.register} of hart ${String(event.hart)} = ${hexAddress(event.value)}`;
