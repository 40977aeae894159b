/** One gdb's view of a machine, live or replayed: what it has chosen, set, and was told last. */
import type { Subscription } from "rxjs";

import { seenBy, type Inspected } from "../../../machine/inspect.js";
import { Monitor } from "../monitor/monitor.js";
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget } from "../target/target.js";
import { EINVAL, EPERM, GdbError } from "./errors.js";
import { GdbPoints } from "./points.js";
import { hartOfThread, SIGNALS, stopReply, type GdbStop } from "./stop-reply.js";

/** Lines that wait for gdb to listen. */
export const MAX_UNSAID = 64;

export interface GdbSessionOptions {
  /** For gdb's console. */
  readonly say: (text: string) => void;
  /** It wants no more of this machine; killed: and nobody is to. */
  readonly left: (how: "detached" | "killed") => void;
}

export class GdbSession {
  readonly monitor: Monitor;
  /** The hart that registers and memory are asked of. */
  hart: number;
  /** The hart that `c` and `s` are of. */
  steppedHart: number | undefined;
  isPhysical = false;
  isAcknowledged = true;
  /** That what gdb keeps may be of another moment: once is enough. */
  isToldToFlush = false;
  stop: GdbStop;
  private readonly settable: GdbPoints | undefined;
  private readonly unsaid: string[] = [];
  private readonly heard: Subscription | undefined;
  private isInterrupted = false;

  constructor(
    readonly target: MonitorTarget,
    private readonly options: GdbSessionOptions,
  ) {
    this.monitor = new Monitor(target);
    this.settable = target.stops && new GdbPoints(target.stops, () => this.at);
    this.hart = target.present().schedule.hart;
    this.stop = { signal: SIGNALS.trapped, hart: this.hart };
    this.heard = target.said$?.subscribe((line) => {
      this.say(`foldvm: ${line}\n`);
    });
  }

  /** As the hart that gdb has chosen sees it. */
  get at(): Inspected {
    return seenBy(this.target.present(), this.hart);
  }

  /** @throws {GdbError} */
  get points(): GdbPoints {
    if (this.settable === undefined) throw new GdbError(EPERM, "this machine has no breakpoints");
    return this.settable;
  }

  /** @throws {GdbError} */
  hartNamed(thread: string): number {
    const hart = hartOfThread(thread) ?? this.target.present().schedule.hart;
    if (this.target.present().harts[hart] === undefined) throw new GdbError(EINVAL, `there is no thread ${thread}`);
    return hart;
  }

  /** Until it stands again, gdb waits. */
  async going(run: () => Promise<GdbStop>): Promise<string> {
    for (const what of this.settable?.give() ?? []) this.say(`foldvm: ${what}\n`);
    const { isInterrupted } = this;
    this.isInterrupted = false;
    try {
      this.stop = isInterrupted ? this.interrupted() : await run().catch((fault: unknown) => this.givenUp(fault));
    } finally {
      this.speak();
    }
    if ("hart" in this.stop) this.hart = this.stop.hart;
    return stopReply(this.stop);
  }

  /** Ctrl-C on the way back: it stands where it stood. */
  private givenUp(fault: unknown): GdbStop {
    if (!(fault instanceof MonitorError) || fault.code !== "INTERRUPTED") throw fault;
    this.say(`foldvm: ${fault.message}\n`);
    return this.interrupted();
  }

  private interrupted(): GdbStop {
    return { signal: SIGNALS.interrupted, hart: this.hart };
  }

  /** What goes on stands, a question is given up; between steps that gdb takes by itself, it is of the next one. */
  interrupt(): void {
    void this.monitor.interrupt().then((stopped) => {
      this.isInterrupted = stopped === undefined;
    });
  }

  /** For gdb's console: gdb listens only while it waits for the machine, or for what `monitor` says. */
  say(text: string): void {
    if (this.unsaid.length < MAX_UNSAID) this.unsaid.push(text);
  }

  /** gdb listens now. */
  speak(): void {
    for (const text of this.unsaid.splice(0)) this.options.say(text);
  }

  /** What it had set is taken away, and what replays or branches stands; a machine that is live goes on for others. */
  end(): void {
    this.target.giveUp?.();
    if (["replay", "branch"].includes(this.target.mode)) this.interrupt();
    this.settable?.clear();
    this.heard?.unsubscribe();
  }

  leave(how: "detached" | "killed"): void {
    this.end();
    this.options.left(how);
  }
}
