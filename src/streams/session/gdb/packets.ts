/**
 * gdb's remote protocol on the wire: `$BODY#CHECKSUM`, acknowledgements and the interrupt (its manual, "Overview" of
 * the appendix on the protocol). A body is text of which each character is a byte.
 */
import { hex } from "../../../reducers/hex.js";

export type Incoming =
  | { readonly type: "packet"; readonly body: string }
  /** What was sent came whole, or did not. */
  | { readonly type: "acknowledged" | "refused" }
  /** Ctrl-C. */
  | { readonly type: "interrupted" }
  /** A packet whose checksum is another, or that is longer than was agreed. */
  | { readonly type: "damaged" };

/** Of a body. It bounds what is kept of a peer that never ends one. */
export const MAX_PACKET_BYTES = 0x4000;

const START = 0x24;
const END = 0x23;
const ESCAPE = 0x7d;
const RUN = 0x2a;
const FLIPPED = 0x20;
const INTERRUPT = 0x03;
const ACKNOWLEDGED = 0x2b;
const REFUSED = 0x2d;
const CHECKSUM_DIGITS = 2;

/** Makes packets of a stream of bytes, however it is cut. */
export class PacketReader {
  /** Undefined: between packets. */
  private body: number[] | undefined;
  private sum = 0;
  private isTooLong = false;
  private isEscaped = false;
  /** Digits of the checksum that are there; undefined: the body goes on. */
  private digits: string | undefined;

  read(bytes: Uint8Array): Incoming[] {
    return Array.from(bytes, (byte) => this.take(byte)).filter((incoming) => incoming !== undefined);
  }

  private take(byte: number): Incoming | undefined {
    // A packet that begins anew takes the place of one that was cut off: no body has this byte.
    if (byte === START) this.begin();
    else if (this.body === undefined) return betweenPackets(byte);
    else if (this.digits !== undefined) return this.check(byte);
    else if (byte === END) this.digits = "";
    else this.add(this.body, byte);
    return undefined;
  }

  private begin(): void {
    this.body = [];
    this.sum = 0;
    this.digits = undefined;
    this.isTooLong = this.isEscaped = false;
  }

  private add(body: number[], byte: number): void {
    this.sum = (this.sum + byte) & 0xff;
    if (byte === ESCAPE && !this.isEscaped) {
      this.isEscaped = true;
      return;
    }
    if (body.length === MAX_PACKET_BYTES) this.isTooLong = true;
    else body.push(this.isEscaped ? byte ^ FLIPPED : byte);
    this.isEscaped = false;
  }

  private check(byte: number): Incoming | undefined {
    const digits = (this.digits ?? "") + String.fromCharCode(byte);
    this.digits = digits;
    if (digits.length < CHECKSUM_DIGITS) return undefined;
    const { body = [], sum, isTooLong } = this;
    this.body = undefined;
    const isWhole = !isTooLong && digits.toLowerCase() === hex(sum, CHECKSUM_DIGITS);
    return isWhole ? { type: "packet", body: textOf(body) } : { type: "damaged" };
  }
}

function betweenPackets(byte: number): Incoming | undefined {
  switch (byte) {
    case INTERRUPT:
      return { type: "interrupted" };
    case ACKNOWLEDGED:
      return { type: "acknowledged" };
    case REFUSED:
      return { type: "refused" };
    default:
      return undefined;
  }
}

/** The packet of a body. */
export function packetOf(body: string): Uint8Array {
  const escaped: number[] = [];
  for (let at = 0; at < body.length; at += 1) {
    const byte = body.charCodeAt(at);
    if (byte === START || byte === END || byte === ESCAPE || byte === RUN) escaped.push(ESCAPE, byte ^ FLIPPED);
    else escaped.push(byte);
  }
  const sum = escaped.reduce((total, byte) => (total + byte) & 0xff, 0);
  const digits = hex(sum, CHECKSUM_DIGITS);
  return Uint8Array.from([START, ...escaped, END, digits.charCodeAt(0), digits.charCodeAt(1)]);
}

const textOf = (bytes: readonly number[]): string => bytes.map((byte) => String.fromCharCode(byte)).join("");
