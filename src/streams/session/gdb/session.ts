/** One gdb on a machine, live or replayed: what it sends is answered in its order. */
import { seenBy, type Inspected } from "../../../machine/inspect.js";
import { Monitor } from "../monitor/monitor.js";
import type { MonitorTarget, Stops } from "../monitor/target.js";
import { EINVAL, EPERM, GdbError } from "./errors.js";
import { PacketReader, packetOf, type Incoming } from "./packets.js";
import { GdbPoints } from "./points.js";
import { replyTo } from "./replies.js";
import { hartOfThread, SIGNALS, stopReply, type GdbStop } from "./stop-reply.js";

export interface GdbSessionOptions {
  readonly send: (bytes: Uint8Array) => void;
  /** It wants no more of this machine; killed: and nobody is to. */
  readonly left: (how: "detached" | "killed") => void;
}

export class GdbSession {
  readonly monitor: Monitor;
  readonly points: GdbPoints | undefined;
  /** The hart that registers and memory are asked of. */
  hart: number;
  /** The hart that `c` and `s` are of. */
  steppedHart: number | undefined;
  isPhysical = false;
  isAcknowledged = true;
  stop: GdbStop;
  private readonly reader = new PacketReader();
  private last = "";
  private answering: Promise<void>;
  private isGoing = false;

  constructor(
    readonly target: MonitorTarget,
    private readonly options: GdbSessionOptions,
  ) {
    this.monitor = new Monitor(target);
    this.points = target.stops && new GdbPoints(target.stops);
    this.hart = target.present().schedule.hart;
    this.stop = { signal: SIGNALS.trapped, hart: this.hart };
    this.answering = target.control.hasEnded ? Promise.resolve() : target.control.pause().then(() => undefined);
  }

  receive(bytes: Uint8Array): void {
    for (const incoming of this.reader.read(bytes)) this.take(incoming);
  }

  /** What it had set is taken away. */
  end(): void {
    this.points?.clear();
  }

  /** As the hart that gdb has chosen sees it. */
  get at(): Inspected {
    return seenBy(this.target.present(), this.hart);
  }

  get stops(): Stops {
    if (this.target.stops === undefined) throw new GdbError(EPERM, "this machine has no breakpoints");
    return this.target.stops;
  }

  /** @throws {GdbError} */
  hartNamed(thread: string): number {
    const hart = hartOfThread(thread) ?? this.target.present().schedule.hart;
    if (this.target.present().harts[hart] === undefined) throw new GdbError(EINVAL, `there is no thread ${thread}`);
    return hart;
  }

  /** What gdb waits for meanwhile is only its end. */
  async going(run: () => Promise<GdbStop>): Promise<string> {
    this.points?.give();
    this.isGoing = true;
    try {
      this.stop = await run();
    } finally {
      this.isGoing = false;
    }
    if ("hart" in this.stop) this.hart = this.stop.hart;
    return stopReply(this.stop);
  }

  /** For its console. */
  say(text: string): void {
    this.send(`O${Buffer.from(text).toString("hex")}`);
  }

  leave(how: "detached" | "killed"): void {
    this.end();
    this.options.left(how);
  }

  private take(incoming: Incoming): void {
    switch (incoming.type) {
      case "packet":
        if (this.isAcknowledged) this.options.send(ACKNOWLEDGED);
        this.answering = this.answering.then(() => this.answer(incoming.body));
        return;
      case "damaged":
        this.options.send(REFUSED);
        return;
      case "refused":
        this.options.send(packetOf(this.last));
        return;
      case "interrupted":
        if (this.isGoing) void this.monitor.interrupt();
        return;
      case "acknowledged":
        return;
    }
  }

  private async answer(body: string): Promise<void> {
    const reply = await this.replyTo(body);
    if (reply !== undefined) this.send(reply);
  }

  private async replyTo(body: string): Promise<string | undefined> {
    try {
      return await replyTo(this, body);
    } catch (fault) {
      if (fault instanceof GdbError) return `E${fault.number.toString(16).padStart(2, "0")}`;
      this.say(`foldvm: ${fault instanceof Error ? fault.message : String(fault)}\n`);
      return `E${EINVAL.toString(16)}`;
    }
  }

  private send(body: string): void {
    this.last = body;
    this.options.send(packetOf(body));
  }
}

const ACKNOWLEDGED = Uint8Array.of(0x2b);
const REFUSED = Uint8Array.of(0x2d);
