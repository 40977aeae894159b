/**
 * The receiving side of a connection: the next sequence number, and the window that the guest knows (RFC 9293 §3.8.6).
 */
import { MSS, sequenceDistance } from "./tcp-segment.js";

/** Of what the guest sent and the host's end has not taken. */
export const MAX_UNCONSUMED_BYTES = 256 << 10;
const MAX_UNSCALED_BYTES = 0xffff;
/** Always offered to the guest. */
export const RECEIVE_SCALE = 3;

export class ReceiveWindow {
  /** RCV.NXT */
  private next = 0;
  private edge = 0;
  private scale = 0;

  constructor(private readonly unconsumedBytes: () => number) {}

  /** Called when the guest's SYN has come. RFC 7323 §1.3: the window is scaled only if both ends want it. */
  opened(sequence: number, isScaled: boolean): void {
    this.next = this.edge = (sequence + 1) >>> 0;
    this.scale = isScaled ? RECEIVE_SCALE : 0;
  }

  /** The next sequence number to be received. */
  get expected(): number {
    return this.next;
  }

  get isScaled(): boolean {
    return this.scale !== 0;
  }

  /** A window that was announced is never taken back. */
  get bytes(): number {
    const promised = sequenceDistance(this.edge, this.next);
    const most = this.isScaled ? MAX_UNCONSUMED_BYTES : MAX_UNSCALED_BYTES;
    return Math.max(promised, Math.min(MAX_UNCONSUMED_BYTES - this.unconsumedBytes(), most), 0);
  }

  take(length: number): void {
    this.next = (this.next + length) >>> 0;
  }

  /** Returns the window field for a segment that is sent now. */
  tell(): number {
    const unit = 2 ** this.scale;
    const window = Math.ceil(this.bytes / unit);
    this.edge = (this.next + window * unit) >>> 0;
    return window;
  }

  /** The window field of a SYN, which is never scaled. */
  tellUnscaled(): number {
    this.edge = (this.next + MAX_UNSCALED_BYTES) >>> 0;
    return MAX_UNSCALED_BYTES;
  }

  /** §3.8.6.2.2: a window that opens by little does not justify a segment. */
  get isWorthTelling(): boolean {
    return sequenceDistance(this.next + this.bytes, this.edge) >= Math.min(MAX_UNCONSUMED_BYTES / 2, 2 * MSS);
  }
}
