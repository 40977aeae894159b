// Steps by lines from anywhere, forward and back, against the trace of every instruction: it knows calls by the
// instructions that call and return, and nothing of stacks or stop points.
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Names } from "../../../../src/streams/past/names/names.js";
import { ReplayTarget } from "../../../../src/streams/session/target/replay-target.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { backInto, backOut, backOver } from "../../../../src/streams/session/stepping/back-steps.js";
import { stepInto, stepOut, stepOver } from "../../../../src/streams/session/stepping/forward-steps.js";
import { callsTraced, type TracedInstruction } from "../../../support/oracle/calls-traced.js";
import { freshSeed, oneOf, seededRandom } from "../../../support/seeded-random.js";

const STEPS = Number(process.env["FOLDVM_STEPS"] ?? 80);
const WINDOW_INSNS = 30_000;
const WINDOWS = 4;

type Lines = ReturnType<Names["linesAt"]>;

/** What the steps are to do, instruction by instruction. Undefined: it lies outside the window, or nothing tells. */
class Oracle {
  private readonly linesOf = new Map<bigint, Lines>();

  constructor(
    readonly all: readonly TracedInstruction[],
    private readonly names: Names,
  ) {}

  /** The next place where there is something to step into. */
  startOf(name: StepName, from: number): number {
    if (name !== "into" && name !== "backInto") return from;
    const call = this.all.findIndex(({ call: { caller } }, at) => at > from && caller === this.all[at - 1]) - 1;
    if (call < 0) return from;
    const behind = name === "into" ? undefined : this.over(call);
    return behind === undefined ? call : this.all.findIndex(({ icount }) => icount === behind);
  }

  over(index: number): number | undefined {
    const here = this.all[index]!;
    const lines = this.lines(here.pc);
    for (const next of this.all.slice(index + 1)) {
      if (this.isIn(next, here) && this.begins(next.pc, lines) && this.key(next.pc) !== this.key(here.pc))
        return next.icount;
      if (next.call === here.call.parent) return here.call.caller === undefined ? undefined : next.icount;
    }
    return undefined;
  }

  out(index: number): number | undefined {
    const here = this.all[index]!;
    if (here.call.caller === undefined || this.lines(here.pc).length > 1) return undefined;
    return this.all.slice(index + 1).find(({ call }) => call === here.call.parent)?.icount;
  }

  into(index: number): number | undefined {
    const here = this.all[index]!;
    for (const [at, next] of this.all.entries()) {
      if (at <= index) continue;
      if (this.isIn(next, here) && this.begins(next.pc) && this.key(next.pc) !== this.key(here.pc)) return next.icount;
      if (next.call === here.call.parent) return here.call.caller === undefined ? undefined : next.icount;
      if (this.isCalledBy(here, next)) return this.begunIn(next, this.all.slice(at))[0]?.icount;
    }
    return undefined;
  }

  backInto(index: number): number | undefined {
    const here = this.all[index]!;
    if (here.call.caller === undefined) return undefined;
    for (let at = index - 1; this.all[at] !== here.call.caller; at -= 1) {
      const one = this.all[at];
      if (one === undefined) return undefined;
      if (!this.isIn(one, here)) continue;
      const next = this.all[at + 1]!;
      const within = this.isCalledBy(here, next) ? this.begunIn(next, this.all.slice(at, index)) : [];
      const found =
        within.at(-1) ?? (this.begins(one.pc) ? this.begunIn(here, this.all.slice(0, at + 1)).at(-1) : undefined);
      if (found !== undefined) return found.icount;
    }
    return this.backOver(index);
  }

  /** Whether it is the first instruction of a function with lines that the call of another one called. */
  private isCalledBy(here: TracedInstruction, one: TracedInstruction): boolean {
    const { caller } = one.call;
    if (caller?.icount !== one.icount - 1 || !this.isIn(caller, here)) return false;
    return (this.names.functionCode(one.pc)?.lineBegins.length ?? 0) > 0;
  }

  backOut(index: number): number | undefined {
    const here = this.all[index]!;
    return this.lines(here.pc).length > 1 ? undefined : here.call.caller?.icount;
  }

  backOver(index: number): number | undefined {
    const here = this.all[index]!;
    if (here.call.caller === undefined) return undefined;
    const own = this.begun(here, index).at(-1);
    if (own !== undefined) return own.icount;
    const { caller } = here.call;
    if (caller.call.caller === undefined) return undefined;
    const [line] = this.begun(caller, this.all.indexOf(caller) + 1).slice(-1);
    return line !== undefined && this.key(line.pc) === this.key(caller.pc) ? line.icount : caller.icount;
  }

  /** Where lines of the call of an instruction began, before an index: the first of each run of the same line. */
  private begun(of: TracedInstruction, before: number): readonly TracedInstruction[] {
    return this.begunIn(of, this.all.slice(0, before), this.lines(of.pc));
  }

  private begunIn(of: TracedInstruction, some: readonly TracedInstruction[], within?: Lines): typeof some {
    const arrivals = some.filter((one) => this.isIn(one, of) && this.begins(one.pc, within));
    return arrivals.filter((one, index) => this.key(one.pc) !== this.key(arrivals[index - 1]?.pc ?? 0n));
  }

  /** A function that jumps to another one is no longer that. */
  private isIn(one: TracedInstruction, of: TracedInstruction): boolean {
    return one.call === of.call && this.names.functionAt(one.pc)?.address === this.names.functionAt(of.pc)?.address;
  }

  /** `within`: a line that is no part of a call that is inlined further in. */
  private begins(pc: bigint, within?: Lines): boolean {
    const { lineBegins = [], entry } = this.names.functionCode(pc) ?? {};
    if (!lineBegins.includes(pc) || (pc === entry && lineBegins.length > 1)) return false;
    if (within === undefined) return true;
    const outer = this.lines(pc).toReversed();
    return outer.every(({ function: name, file, line }, depth) => {
      const other = within.at(-1 - depth);
      const isInnermost = depth === outer.length - 1;
      if (other === undefined || other.function !== name) return false;
      return isInnermost || (other.file === file && other.line === line);
    });
  }

  private key(pc: bigint): string {
    const lines = this.lines(pc);
    return `${String(lines.length)} ${lines[0]?.file ?? ""}:${String(lines[0]?.line)}`;
  }

  private lines(pc: bigint): Lines {
    const known = this.linesOf.get(pc) ?? this.names.linesAt(pc);
    this.linesOf.set(pc, known);
    return known;
  }
}

const STEPS_BY_NAME = { over: stepOver, into: stepInto, out: stepOut, backOver, backInto, backOut } as const;
type StepName = keyof typeof STEPS_BY_NAME;
const NAMES = Object.keys(STEPS_BY_NAME) as readonly StepName[];

for (const log of ["logs/race-fails.fold", "logs/session.fold"]) {
  test(`given ${log}, when it steps from anywhere, then it stands where every instruction's trace says`, async () => {
    const seed = freshSeed();
    const random = seededRandom(seed);
    const recording = openRecording(log);
    const target = new ReplayTarget(recording, {
      heard: () => undefined,
      failed: () => undefined,
      quit: () => undefined,
    });
    let checked = 0;
    for (let window = 0; window < WINDOWS; window += 1) {
      const from = random(Math.max(1, recording.info.instructions - WINDOW_INSNS));
      const oracle = new Oracle(await callsTraced(recording, from, WINDOW_INSNS), recording.names);
      for (let step = 0; step < STEPS / WINDOWS; step += 1) {
        const name = oneOf(random, NAMES);
        const index = oracle.startOf(name, random(oracle.all.length));
        const expected = oracle[name](index);
        if (expected === undefined) continue;
        const { icount, pc } = oracle.all[index]!;
        await target.seek(icount);
        // It stands before an interrupt that comes there; the trace has what the handler begins with.
        if (target.present().harts[0]?.fields.pc !== pc) continue;
        await STEPS_BY_NAME[name](target, 0);
        const said = `FOLDVM_SEED=${String(seed)}: ${name} from ${String(icount)}`;
        assert.is(target.present().position.icount, expected, said);
        checked += 1;
      }
    }
    assert.ok(checked > STEPS / 8, `FOLDVM_SEED=${String(seed)}: only ${String(checked)} were checked`);
  });
}

test.run();
