/** A gdb on the wire: its packets are answered in their order. */
import type { MonitorTarget } from "../target/target.js";
import { EINVAL, GdbError } from "./errors.js";
import { PacketReader, packetOf, type Incoming } from "./packets.js";
import { replyTo } from "./replies.js";
import { GdbSession } from "./session.js";

export interface GdbConnectionOptions {
  readonly send: (bytes: Uint8Array) => void;
  readonly left: (how: "detached" | "killed") => void;
}

/** gdb waits for each answer. Who sends more is none. */
export const MAX_WAITING_PACKETS = 64;

const ACKNOWLEDGED = Uint8Array.of(0x2b);
const REFUSED = Uint8Array.of(0x2d);

export class GdbConnection {
  private readonly reader = new PacketReader();
  private readonly session: GdbSession;
  private answering: Promise<unknown>;
  private waiting = 0;
  private isOver = false;
  /** In case gdb did not get it whole. */
  private last = packetOf("");

  /** gdb finds a machine that stands. */
  constructor(
    target: MonitorTarget,
    private readonly options: GdbConnectionOptions,
  ) {
    this.session = new GdbSession(target, {
      say: (text) => {
        this.send(`O${Buffer.from(text).toString("hex")}`);
      },
      left: options.left,
    });
    this.answering = target.control.pause();
  }

  receive(bytes: Uint8Array): void {
    let before: string | undefined;
    for (const incoming of this.reader.read(bytes)) {
      if (this.isOver) return;
      const body = incoming.type === "packet" ? incoming.body : undefined;
      // gdb waits for the acknowledgement of each, so that one which is there twice was sent again: we began late.
      const isAgain = this.session.isAcknowledged && body !== undefined && body === before;
      if (!isAgain) this.take(incoming);
      before = body;
    }
  }

  /** All that came so far has its answer. */
  get answered(): Promise<void> {
    return this.answering.then(() => undefined);
  }

  /** Of what it asked, nothing more is done: the next gdb may be there. */
  end(): void {
    this.isOver = true;
    this.session.end();
  }

  private take(incoming: Incoming): void {
    const { session, options } = this;
    switch (incoming.type) {
      case "packet":
        if (session.isAcknowledged) options.send(ACKNOWLEDGED);
        this.waiting += 1;
        if (this.waiting > MAX_WAITING_PACKETS) options.left("detached");
        else this.answering = this.answering.then(() => this.answer(incoming.body));
        return;
      case "damaged":
        options.send(REFUSED);
        return;
      case "refused":
        options.send(this.last);
        return;
      case "interrupted":
        // What came right before it is to begin first.
        setImmediate(() => {
          session.interrupt();
        });
        return;
      case "acknowledged":
        return;
    }
  }

  private async answer(body: string): Promise<void> {
    if (this.isOver) return;
    try {
      const reply = await replyTo(this.session, body);
      if (reply !== undefined) this.send(reply);
    } catch (fault) {
      this.send(this.refusal(fault, body));
    }
    this.waiting -= 1;
  }

  private refusal(fault: unknown, body: string): string {
    // Of a register's, gdb shows what the answer says.
    if (fault instanceof GdbError && /^[GP]/.test(body)) return `E.${fault.message}`;
    if (!(fault instanceof GdbError)) {
      this.session.say(`foldvm: ${fault instanceof Error ? fault.message : String(fault)}\n`);
    }
    const number = fault instanceof GdbError ? fault.number : EINVAL;
    return `E${number.toString(16).padStart(2, "0")}`;
  }

  private send(body: string): void {
    this.last = packetOf(body);
    this.options.send(this.last);
  }
}
