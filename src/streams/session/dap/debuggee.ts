/** The machine that a client debugs: a recording, or one that runs; and what the client was shown of it. */
import { Handles } from "@vscode/debugadapter";

import { seenBy, type Inspected } from "../../../machine/inspect.js";
import { stackOf, type StackFrame } from "../../past/stack.js";
import type { MonitorTarget } from "../target/target.js";
import { DapError } from "./dap-error.js";
import { PartsShown } from "./data/handles.js";
import type { StepEnd } from "../stepping/step-end.js";
import type { SourcePaths } from "../source-paths.js";

/** A call on the stack of a hart. */
export interface ShownFrame {
  readonly hart: number;
  readonly frame: StackFrame;
  /** Calls on the stack that are not inlined, before it. */
  readonly depth: number;
}

export interface DebuggeeOptions {
  readonly target: MonitorTarget;
  readonly paths: SourcePaths;
  /** Nobody wants it any more. */
  readonly close: () => void | Promise<void>;
  /** Of one that runs: once it is over, and its recording stands in its place. */
  readonly ended?: () => Promise<void>;
}

export class Debuggee {
  readonly target: MonitorTarget;
  readonly paths: SourcePaths;
  readonly close: () => void | Promise<void>;
  readonly ended: () => Promise<void>;
  private readonly frames = new Handles<ShownFrame>();
  /** Of what it stands at. */
  readonly parts = new PartsShown();
  private isGoing = false;
  /** Where `goto` can go: what `gotoTargets` answered last. */
  destinations: readonly ((target: MonitorTarget) => Promise<StepEnd>)[] = [];
  /** What it does is not only looked for. */
  isGoingForward = false;

  constructor({ target, paths, close, ended = () => Promise.resolve() }: DebuggeeOptions) {
    this.target = target;
    this.paths = paths;
    this.close = close;
    this.ended = ended;
  }

  get harts(): number {
    return this.target.present().config.harts;
  }

  /** Whether it moves, so that nothing can be looked at. */
  get isMoving(): boolean {
    return this.isGoing;
  }

  /** As a hart sees it. @throws {DapError} while it moves */
  seenBy(hart: number): Inspected {
    this.requireStanding();
    return seenBy(this.target.present(), hart);
  }

  /** A client has no thread 0. */
  threadOf(hart: number): number {
    return hart + 1;
  }

  /** @throws {DapError} */
  hartOf(threadId: number): number {
    if (threadId >= 1 && threadId <= this.harts) return threadId - 1;
    throw new DapError(
      "NO_SUCH_THREAD",
      `there is no thread ${String(threadId)}: 1 to ${String(this.harts)} are the harts`,
    );
  }

  /** The innermost first. @throws {DapError} */
  stackOf(hart: number): readonly StackFrame[] {
    return stackOf(this.target.names, this.seenBy(hart), hart);
  }

  /** The number that a client has for it, until the machine moves. */
  show(frame: ShownFrame): number {
    return this.frames.create(frame);
  }

  /** @throws {DapError} */
  shown(frameId: number): ShownFrame {
    this.requireStanding();
    const frame = this.frames.get(frameId);
    if (frame !== undefined) return frame;
    throw new DapError(
      "NO_SUCH_FRAME",
      `there is no frame ${String(frameId)} where the machine stands: ask for stackTrace`,
    );
  }

  /** What was shown is no more. @throws {DapError} where it moves already */
  async moving<T>(move: () => Promise<T>): Promise<T> {
    this.requireStanding();
    this.forget();
    return this.busy(move);
  }

  /** What was shown is of another moment. */
  forget(): void {
    this.frames.reset();
    this.parts.reset();
  }

  /** Nothing else is answered meanwhile. @throws {DapError} where it moves already */
  async busy<T>(run: () => Promise<T>): Promise<T> {
    this.requireStanding();
    this.isGoing = true;
    try {
      return await run();
    } finally {
      this.isGoing = false;
      this.isGoingForward = false;
    }
  }

  /** @throws {DapError} */
  requireStanding(): void {
    if (this.isGoing) throw new DapError("RUNNING", "the machine is going: pause it first");
  }
}
