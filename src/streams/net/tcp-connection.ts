/**
 * One end of a TCP connection (RFC 9293) on the wire to the guest, for an application on the host.
 *
 * There is no network between the two ends, so there is no congestion control. The bytes in flight are bounded so that
 * they always fit in the queue for the guest. Whatever is lost nevertheless is sent again.
 */
import { Alarm } from "./alarm.js";
import type { Clock } from "./clock.js";
import { Keepalive } from "./keepalive.js";
import { RECEIVE_SCALE, ReceiveWindow } from "./receive-window.js";
import { RoundTrip } from "./round-trip.js";
import { SendBuffer } from "./send-buffer.js";
import { ACK, FIN, MSS, PSH, RST, sequenceDistance, sequenceLength, SYN, type TcpSegment } from "./tcp-segment.js";

/** The application that the connection serves. */
export interface TcpApplication {
  /** Bytes that the application was given and has not yet consumed. They reduce the window. */
  readonly unconsumedBytes: number;
  connected(): void;
  received(bytes: Uint8Array): void;
  /** The guest has closed its sending half. */
  ended(): void;
  /** The guest has acknowledged sent bytes. */
  acknowledged(): void;
  /** The connection is closed. No event follows. */
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
/** The MSS of a guest that does not say one (RFC 9293 §3.7.1). */
const DEFAULT_MSS = 536;
export const MAX_FLIGHT_BYTES = 256 << 10;
const DELAYED_ACK_MS = 20;
/** RFC 9293 §3.8.3 leaves the number open. Linux gives up after as many. */
export const MAX_RETRANSMISSIONS = 12;
export const MAX_SYN_RETRANSMISSIONS = 5;
/** Twice the maximum lifetime of a segment, which is short on this wire. */
const TIME_WAIT_MS = 10_000;

export class TcpConnection {
  private state: "synSent" | "synReceived" | "established" | "timeWait" | "closed" = "synSent";
  private readonly outgoing = new SendBuffer();
  private readonly roundTrip = new RoundTrip();
  private readonly retransmission: Alarm;
  private readonly delayedAck: Alarm;
  private readonly keepalive: Keepalive;
  private readonly timeWait: Alarm;

  /** §3.3.1: SND.UNA, SND.NXT, the highest number sent, SND.WND. */
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
  /** The segment whose round trip is being measured. */
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

  /** `ended`: both ends have sent everything, and this end waits for late segments (RFC 9293 §3.6.1, TIME-WAIT). */
  get phase(): "opening" | "open" | "ended" {
    if (this.state === "synSent" || this.state === "synReceived") return "opening";
    return this.state === "established" ? "open" : "ended";
  }

  /** The first sequence number that this end has not used. */
  get endSequence(): number {
    return this.highest;
  }

  /**
   * Whether the SYN opens a new connection between the same ends: its number must be beyond all that this one received
   * (RFC 1122 §4.2.2.13).
   */
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

  /** Closes the sending half. The receiving half stays open. */
  finish(): void {
    if (this.isEnding || this.state === "closed") return;
    this.isEnding = true;
    this.endedFirst = !this.hasGuestEnded;
    this.output();
  }

  /** Closes both halves at once and resets the guest's end. */
  abort(): void {
    if (this.state !== "closed") this.reset("reset");
  }

  /** The application has consumed bytes. */
  windowOpened(): void {
    if (this.state !== "established" || this.hasGuestEnded) return;
    if (this.receiving.isWorthTelling) this.acknowledge();
  }

  /** Clears all timers. */
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
      // The guest acknowledges something of an older connection. The reset makes it forget that one.
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
      // RFC 5961 §3.2: only a reset with the exact number counts. Another number in the window gets a challenge ACK.
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
      // A segment that was sent again, or a keep-alive probe.
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

  /** Returns false if the guest acknowledges bytes that were never sent. */
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

  /** RFC 5681 §3.2: the third duplicate means that a segment is missing. */
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
      // RFC 5681 §4.2: acknowledge at least every second segment.
      this.acknowledge();
    } else {
      this.delayedAck.set(DELAYED_ACK_MS);
    }
  }

  /** Sends what is buffered, as far as the guest's window allows. */
  private output(): void {
    if (this.state !== "established") return;
    while (this.sendFrom(this.next));
    if (this.next !== this.unacknowledged) {
      if (!this.retransmission.isSet) this.retransmission.set(this.roundTrip.timeoutMs);
    } else if (this.outgoing.length > 0 && !this.retransmission.isSet) {
      // §3.8.6.1: the guest's window is closed, and the segment that opens it may be lost.
      this.retransmission.set(this.roundTrip.timeoutMs);
    }
  }

  /** Sends the segment at `sequence`. Returns false if there is none, or the window has no room for it. */
  private sendFrom(sequence: number): boolean {
    const offset = sequenceDistance(sequence, this.unacknowledged);
    const room = Math.min(this.sendWindow, MAX_FLIGHT_BYTES) - offset;
    const left = this.outgoing.length - offset;
    if (left < 0 || (left === 0 && (!this.isEnding || this.isEndAcknowledged))) return false;
    const length = Math.max(0, Math.min(left, room, this.mss));
    // §3.8.6.2.1: a nearly full window must not cause small segments.
    if (left > 0 && (length === 0 || (length < left && length < this.mss && offset > 0))) return false;
    const isLast = length === left;
    const flags = ACK | (isLast && left > 0 ? PSH : 0) | (isLast && this.isEnding ? FIN : 0);
    const payload = this.outgoing.slice(offset, length);
    // Update the state before sending: the acknowledgment may arrive before `send` returns.
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

  /** RFC 6298 §5.4: resend the first unacknowledged segment, then more as acknowledgments come. */
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

  /** Sends one byte, for which the guest may have no room. The guest answers with its window. */
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
    // Offer our scale in a SYN. Answer with it only if the guest offered one.
    const windowScale = isAnswer && !this.receiving.isScaled ? undefined : RECEIVE_SCALE;
    this.next = this.highest = (initialSequence + 1) >>> 0;
    const window = this.receiving.tellUnscaled();
    if (!this.retransmission.isSet) this.retransmission.set(this.roundTrip.timeoutMs);
    this.transmit({ seq: initialSequence, flags: isAnswer ? SYN | ACK : SYN, window, mss: MSS, windowScale });
  }

  private acknowledge(): void {
    if (this.state !== "closed") this.send({ seq: this.next, flags: ACK });
  }

  /** Adds the current acknowledgment and window. */
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
