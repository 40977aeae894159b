/**
 * One end of a TCP connection (RFC 9293) on the wire to the guest, for an application on the host.
 *
 * There is no network between the two ends, so there is no congestion to control: what is in flight is bounded, so that
 * it always has room to wait for the guest, and what is lost nevertheless is sent again.
 */
import { Alarm } from "./alarm.js";
import type { Clock } from "./clock.js";
import { Keepalive } from "./keepalive.js";
import { RECEIVE_SCALE, ReceiveWindow } from "./receive-window.js";
import { RoundTrip } from "./round-trip.js";
import { SendBuffer } from "./send-buffer.js";
import { ACK, FIN, MSS, PSH, RST, sequenceDistance, sequenceLength, SYN, type TcpSegment } from "./tcp-segment.js";

/** What the connection serves. */
export interface TcpApplication {
  /** Bytes that it was given and has not yet got rid of: they narrow the window. */
  readonly unconsumedBytes: number;
  connected(): void;
  received(bytes: Uint8Array): void;
  /** The guest sends no more. */
  ended(): void;
  /** Something that was sent has been acknowledged. */
  acknowledged(): void;
  /** Nothing more will come. */
  closed(why: "done" | "reset" | "timedOut"): void;
}

export interface TcpEnd {
  readonly localPort: number;
  readonly remotePort: number;
  readonly initialSequence: number;
  readonly clock: Clock;
  transmit(segment: TcpSegment): void;
}

const NOTHING = new Uint8Array(0);
/** What is taken when nobody says (RFC 9293 §3.7.1). */
const DEFAULT_MSS = 536;
const MAX_FLIGHT_BYTES = 256 << 10;
const DELAYED_ACK_MS = 20;
/** RFC 9293 §3.8.3 leaves it open; Linux gives up after as many. */
const MAX_RETRANSMISSIONS = 12;
const MAX_SYN_RETRANSMISSIONS = 5;
/** Twice the longest life of a segment, which on this wire is short. */
const TIME_WAIT_MS = 10_000;

export class TcpConnection {
  private state: "synSent" | "synReceived" | "established" | "timeWait" | "closed" = "synSent";
  private readonly outgoing = new SendBuffer();
  private readonly roundTrip = new RoundTrip();
  private readonly retransmission: Alarm;
  private readonly delayedAck: Alarm;
  private readonly keepalive: Keepalive;
  private readonly timeWait: Alarm;

  /** §3.3.1: SND.UNA, SND.NXT, the highest that was sent, SND.WND. */
  private unacknowledged: number;
  private next: number;
  private highest: number;
  private sendWindow = 0;
  private sendScale = 0;
  private mss = DEFAULT_MSS;
  private readonly receiving: ReceiveWindow;

  private isEnding = false;
  private isEndAcknowledged = false;
  private hasGuestEnded = false;
  private endedFirst = false;
  private duplicates = 0;
  private unansweredSends = 0;
  /** The segment whose round trip is measured. */
  private timed: { readonly sequence: number; readonly sentMs: number } | undefined;

  constructor(
    private readonly end: TcpEnd,
    private readonly application: TcpApplication,
  ) {
    const { clock, initialSequence } = end;
    this.unacknowledged = this.next = this.highest = initialSequence;
    this.receiving = new ReceiveWindow(() => application.unconsumedBytes);
    this.retransmission = new Alarm(clock, () => {
      this.sendAgain();
    });
    this.delayedAck = new Alarm(clock, () => {
      this.acknowledge();
    });
    this.keepalive = new Keepalive(clock, {
      probe: () => {
        this.send({ seq: (this.unacknowledged - 1) >>> 0, flags: ACK });
      },
      lost: () => {
        this.reset("timedOut");
      },
    });
    this.timeWait = new Alarm(clock, () => {
      this.close("done");
    });
  }

  /** Bytes that the guest has not yet acknowledged. */
  get bufferedBytes(): number {
    return this.outgoing.length;
  }

  /** `ended`: neither end has more to send, and this one waits for what may be late (RFC 9293 §3.6.1, TIME-WAIT). */
  get phase(): "opening" | "open" | "ended" {
    if (this.state === "synSent" || this.state === "synReceived") return "opening";
    return this.state === "established" ? "open" : "ended";
  }

  /** The first sequence number that this end did not use. */
  get endSequence(): number {
    return this.highest;
  }

  /** RFC 1122 §4.2.2.13: whether the SYN opens the next connection of the same ends, being beyond all that this one received. */
  givesWayTo(syn: TcpSegment): boolean {
    return this.state === "timeWait" && sequenceDistance(syn.seq, this.receiving.expected) >= 0;
  }

  /** Opens the connection from this side. */
  open(): void {
    this.sendSyn();
  }

  /** Answers the guest's SYN. */
  accept(syn: TcpSegment): void {
    this.state = "synReceived";
    this.takeSyn(syn);
    this.sendSyn();
  }

  write(bytes: Uint8Array): void {
    if (this.isEnding || this.state === "closed") return;
    this.outgoing.append(bytes);
    this.output();
  }

  /** Sends no more: the other half goes on. */
  finish(): void {
    if (this.isEnding || this.state === "closed") return;
    this.isEnding = true;
    this.endedFirst = !this.hasGuestEnded;
    this.output();
  }

  /** Ends both halves at once, and says so to the guest. */
  abort(): void {
    if (this.state !== "closed") this.reset("reset");
  }

  /** The application got rid of some bytes. */
  windowOpened(): void {
    if (this.state !== "established" || this.hasGuestEnded) return;
    if (this.receiving.isWorthTelling) this.acknowledge();
  }

  /** Lets go of all timers. */
  stop(): void {
    for (const alarm of [this.retransmission, this.delayedAck, this.timeWait]) alarm.clear();
    this.keepalive.stop();
  }

  segmentArrived(segment: TcpSegment): void {
    this.keepalive.heard();
    if (this.state === "closed") return;
    if (this.state === "synSent") this.synAnswered(segment);
    else this.synchronizedArrived(segment);
  }

  /** §3.10.7.3 */
  private synAnswered(segment: TcpSegment): void {
    const acknowledges = (segment.flags & ACK) !== 0 && segment.ack === this.highest;
    if ((segment.flags & RST) !== 0) {
      if (acknowledges) this.close("reset");
      return;
    }
    if (!acknowledges) {
      // What an older connection left: the reset makes the guest forget it.
      if ((segment.flags & ACK) !== 0) this.transmit({ seq: segment.ack, flags: RST, window: 0 });
      return;
    }
    if ((segment.flags & SYN) === 0) return;
    this.takeSyn(segment);
    this.unacknowledged = this.next = segment.ack;
    this.sendWindow = segment.window;
    this.establish();
    this.acknowledge();
    this.output();
  }

  /** §3.10.7.4 */
  private synchronizedArrived(segment: TcpSegment): void {
    const ahead = sequenceDistance(segment.seq, this.receiving.expected);
    if ((segment.flags & RST) !== 0) {
      // RFC 5961 §3.2: only the exact number resets; another one in the window is asked about.
      if (ahead === 0) this.close("reset");
      else if (ahead > 0 && ahead < this.receiving.bytes) this.acknowledge();
      return;
    }
    if ((segment.flags & SYN) !== 0) {
      if (this.state === "synReceived") this.sendSyn();
      else this.acknowledge();
      return;
    }
    if ((segment.flags & ACK) === 0) return;
    if (ahead < 0 && ahead + sequenceLength(segment) <= 0) {
      // Nothing new: a segment that was sent again, or a probe whether this end is still there.
      this.acknowledge();
      if (this.state === "timeWait") this.timeWait.set(TIME_WAIT_MS);
      else if (sequenceLength(segment) > 0) this.acknowledgmentArrived(segment);
      return;
    }
    if (!this.acknowledgmentArrived(segment)) return;
    if (sequenceLength(segment) > 0) {
      if (ahead > 0) this.acknowledge();
      else this.take(segment, -ahead);
    }
    this.output();
    this.endIfDone();
  }

  /** False: it acknowledges what was never sent. */
  private acknowledgmentArrived(segment: TcpSegment): boolean {
    const acknowledged = sequenceDistance(segment.ack, this.unacknowledged);
    if (sequenceDistance(segment.ack, this.highest) > 0) {
      if (this.state === "synReceived") this.transmit({ seq: segment.ack, flags: RST, window: 0 });
      else this.acknowledge();
      return false;
    }
    if (acknowledged < 0) return true;
    const window = segment.window * 2 ** this.sendScale;
    this.unansweredSends = 0;
    if (acknowledged > 0) this.progress(segment.ack, acknowledged);
    else if (this.next !== this.unacknowledged && segment.payload.length === 0 && window === this.sendWindow)
      this.duplicateArrived();
    this.sendWindow = window;
    return true;
  }

  private progress(ack: number, acknowledged: number): void {
    const isSynAcknowledged = this.state === "synReceived";
    let bytes = acknowledged - (isSynAcknowledged ? 1 : 0);
    if (bytes > this.outgoing.length) {
      bytes = this.outgoing.length;
      this.isEndAcknowledged = true;
    }
    this.outgoing.drop(bytes);
    this.unacknowledged = ack;
    if (sequenceDistance(this.next, ack) < 0) this.next = ack;
    this.duplicates = 0;
    this.roundTrip.progressed();
    if (this.timed !== undefined && sequenceDistance(ack, this.timed.sequence) > 0) {
      this.roundTrip.measured(this.end.clock.now() - this.timed.sentMs);
      this.timed = undefined;
    }
    this.retransmission.clear();
    if (this.highest !== ack) this.retransmission.set(this.roundTrip.timeoutMs);
    if (isSynAcknowledged) this.establish();
    if (bytes > 0) this.application.acknowledged();
  }

  /** RFC 5681 §3.2: the third one says that a segment is missing. */
  private duplicateArrived(): void {
    this.duplicates += 1;
    if (this.duplicates !== 3) return;
    this.timed = undefined;
    this.sendFrom(this.unacknowledged);
  }

  private take({ payload, flags }: TcpSegment, known: number): void {
    const room = this.receiving.bytes;
    const bytes = payload.subarray(known, known + room);
    if (bytes.length > 0 && !this.hasGuestEnded) {
      this.receiving.take(bytes.length);
      this.application.received(bytes.slice());
    }
    const isWhole = payload.length - known <= room;
    if ((flags & FIN) !== 0 && isWhole && !this.hasGuestEnded) {
      this.receiving.take(1);
      this.hasGuestEnded = true;
      this.acknowledge();
      this.application.ended();
    } else if (this.delayedAck.isSet || !isWhole) {
      // RFC 5681 §4.2: at least every second segment.
      this.acknowledge();
    } else {
      this.delayedAck.set(DELAYED_ACK_MS);
    }
  }

  /** Sends what there is and what the guest has room for. */
  private output(): void {
    if (this.state !== "established") return;
    while (this.sendFrom(this.next));
    if (this.next !== this.unacknowledged) {
      if (!this.retransmission.isSet) this.retransmission.set(this.roundTrip.timeoutMs);
    } else if (this.outgoing.length > 0 && !this.retransmission.isSet) {
      // §3.8.6.1: the guest's window is closed, and the news that it opens may be lost.
      this.retransmission.set(this.roundTrip.timeoutMs);
    }
  }

  /** Sends the segment that begins there; false when there is none, or no room for it. */
  private sendFrom(sequence: number): boolean {
    const offset = sequenceDistance(sequence, this.unacknowledged);
    const room = Math.min(this.sendWindow, MAX_FLIGHT_BYTES) - offset;
    const left = this.outgoing.length - offset;
    if (left < 0 || (left === 0 && (!this.isEnding || this.isEndAcknowledged))) return false;
    const length = Math.max(0, Math.min(left, room, this.mss));
    // §3.8.6.2.1: no small segment only because the window is nearly full.
    if (left > 0 && (length === 0 || (length < left && length < this.mss && offset > 0))) return false;
    const isLast = length === left;
    const flags = ACK | (isLast && left > 0 ? PSH : 0) | (isLast && this.isEnding ? FIN : 0);
    const payload = this.outgoing.slice(offset, length);
    // Before it is on its way: its acknowledgment may be here before `send` returns.
    this.sent(sequence, length + ((flags & FIN) === 0 ? 0 : 1));
    this.send({ seq: sequence, flags, payload });
    return true;
  }

  private sent(sequence: number, length: number): void {
    const end = (sequence + length) >>> 0;
    if (sequenceDistance(end, this.next) > 0) this.next = end;
    if (sequenceDistance(end, this.highest) <= 0) return;
    if (sequence === this.highest) this.timed ??= { sequence, sentMs: this.end.clock.now() };
    this.highest = end;
  }

  /** RFC 6298 §5.4: from the first that is not acknowledged, and then as acknowledgments come. */
  private sendAgain(): void {
    const isOpening = this.state === "synSent" || this.state === "synReceived";
    this.unansweredSends += 1;
    if (this.unansweredSends > (isOpening ? MAX_SYN_RETRANSMISSIONS : MAX_RETRANSMISSIONS)) {
      this.reset("timedOut");
      return;
    }
    this.roundTrip.backOff();
    this.timed = undefined;
    if (isOpening) {
      this.sendSyn();
      return;
    }
    this.next = this.unacknowledged;
    if (this.sendWindow === 0 && this.outgoing.length > 0) this.probe();
    else this.sendFrom(this.next);
    this.retransmission.set(this.roundTrip.timeoutMs);
  }

  /** One byte, for which the guest may have no room: its answer says what room it has. */
  private probe(): void {
    const { unacknowledged } = this;
    const end = (unacknowledged + 1) >>> 0;
    if (sequenceDistance(end, this.highest) > 0) this.highest = end;
    this.send({ seq: unacknowledged, flags: ACK, payload: this.outgoing.slice(0, 1) });
  }

  private establish(): void {
    this.state = "established";
    this.unansweredSends = 0;
    this.retransmission.clear();
    this.keepalive.start();
    this.application.connected();
  }

  private endIfDone(): void {
    if (this.state !== "established" || !this.isEndAcknowledged || !this.hasGuestEnded) return;
    if (!this.endedFirst) {
      this.close("done");
      return;
    }
    this.state = "timeWait";
    this.keepalive.stop();
    this.timeWait.set(TIME_WAIT_MS);
  }

  private reset(why: "reset" | "timedOut"): void {
    this.send({ seq: this.next, flags: RST | ACK });
    this.close(why);
  }

  private close(why: Parameters<TcpApplication["closed"]>[0]): void {
    this.state = "closed";
    this.stop();
    this.application.closed(why);
  }

  private takeSyn({ seq, window, mss = DEFAULT_MSS, windowScale }: TcpSegment): void {
    this.receiving.opened(seq, windowScale !== undefined);
    this.mss = Math.min(Math.max(mss, 64), MSS);
    this.sendWindow = window;
    this.sendScale = windowScale ?? 0;
  }

  private sendSyn(): void {
    const { initialSequence } = this.end;
    const isAnswer = this.state === "synReceived";
    // Ours is offered in any case, and answered only where it was.
    const windowScale = isAnswer && !this.receiving.isScaled ? undefined : RECEIVE_SCALE;
    this.next = this.highest = (initialSequence + 1) >>> 0;
    const window = this.receiving.tellUnscaled();
    if (!this.retransmission.isSet) this.retransmission.set(this.roundTrip.timeoutMs);
    this.transmit({ seq: initialSequence, flags: isAnswer ? SYN | ACK : SYN, window, mss: MSS, windowScale });
  }

  private acknowledge(): void {
    if (this.state !== "closed") this.send({ seq: this.next, flags: ACK });
  }

  /** With the acknowledgment and the window that hold now. */
  private send(segment: Pick<TcpSegment, "seq" | "flags"> & { readonly payload?: Uint8Array }): void {
    this.delayedAck.clear();
    this.transmit({ window: this.receiving.tell(), ...segment });
  }

  private transmit(
    segment: Pick<TcpSegment, "seq" | "flags" | "window" | "mss" | "windowScale"> & { readonly payload?: Uint8Array },
  ): void {
    const { localPort, remotePort } = this.end;
    const ack = (segment.flags & ACK) === 0 ? 0 : this.receiving.expected;
    this.end.transmit({ sourcePort: localPort, destinationPort: remotePort, ack, payload: NOTHING, ...segment });
  }
}
