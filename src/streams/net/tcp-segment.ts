/** TCP segments (RFC 9293 §3.1) with the options that matter here: MSS and window scale (RFC 7323). */
import { ipv4Bytes } from "./addresses.js";
import { internetChecksum, pseudoHeader } from "./checksum.js";
import { PROTOCOL, type Ipv4Packet } from "./ipv4.js";

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  /** As on the wire, unscaled. */
  readonly window: number;
  readonly mss?: number | undefined;
  readonly windowScale?: number | undefined;
  readonly payload: Uint8Array;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

/** The maximum segment size in an Ethernet packet. */
export const MSS = 1460;

const HEADER_BYTES = 20;
const OPTION = { end: 0, noOperation: 1, mss: 2, windowScale: 3 } as const;

export const parseTcp = ({ source, destination, payload: bytes }: Ipv4Packet): TcpSegment | undefined => {
  if (bytes.length < HEADER_BYTES || checksum(source, destination, bytes) !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerBytes = (view.getUint8(12) >> 4) * 4;
  if (headerBytes < HEADER_BYTES || headerBytes > bytes.length) return undefined;
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    flags: view.getUint8(13),
    window: view.getUint16(14),
    ...parseOptions(bytes.subarray(HEADER_BYTES, headerBytes)),
    payload: bytes.subarray(headerBytes),
  };
};

export const tcpPacket = (source: string, destination: string, segment: TcpSegment): Ipv4Packet => {
  const { mss, windowScale, payload } = segment;
  const options = [
    ...(mss === undefined ? [] : [OPTION.mss, 4, mss >> 8, mss & 0xff]),
    ...(windowScale === undefined ? [] : [OPTION.noOperation, OPTION.windowScale, 3, windowScale]),
  ];
  const headerBytes = HEADER_BYTES + options.length;
  const bytes = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, segment.sourcePort);
  view.setUint16(2, segment.destinationPort);
  view.setUint32(4, segment.seq);
  view.setUint32(8, segment.ack);
  view.setUint8(12, (headerBytes / 4) << 4);
  view.setUint8(13, segment.flags);
  view.setUint16(14, segment.window);
  bytes.set(options, HEADER_BYTES);
  bytes.set(payload, headerBytes);
  view.setUint16(16, checksum(source, destination, bytes));
  return { source, destination, protocol: PROTOCOL.tcp, payload: bytes };
};

/** RFC 9293 §3.10.7.1: the answer to a segment of no connection. Undefined if the segment is itself a reset. */
export const resetFor = (segment: TcpSegment): TcpSegment | undefined => {
  if ((segment.flags & RST) !== 0) return undefined;
  const ports = { sourcePort: segment.destinationPort, destinationPort: segment.sourcePort };
  const rest = { ...ports, window: 0, payload: new Uint8Array(0) };
  return (segment.flags & ACK) !== 0
    ? { ...rest, seq: segment.ack, ack: 0, flags: RST }
    : { ...rest, seq: 0, ack: (segment.seq + sequenceLength(segment)) >>> 0, flags: RST | ACK };
};

/** §3.4: how much of the sequence space the segment takes. */
export const sequenceLength = ({ flags, payload }: TcpSegment): number =>
  payload.length + ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1);

/** How far `a` is ahead of `b` in the sequence space. Negative if it is behind. */
export const sequenceDistance = (a: number, b: number): number => (a - b) | 0;

const checksum = (source: string, destination: string, bytes: Uint8Array): number =>
  internetChecksum(pseudoHeader(ipv4Bytes(source), ipv4Bytes(destination), PROTOCOL.tcp, bytes.length), bytes);

const parseOptions = (bytes: Uint8Array): Pick<TcpSegment, "mss" | "windowScale"> => {
  let mss: number | undefined;
  let windowScale: number | undefined;
  for (let at = 0; at < bytes.length;) {
    const kind = bytes[at] ?? OPTION.end;
    if (kind === OPTION.end) break;
    const length = kind === OPTION.noOperation ? 1 : (bytes[at + 1] ?? 0);
    if (length < 1 || (kind !== OPTION.noOperation && length < 2) || at + length > bytes.length) break;
    if (kind === OPTION.mss && length === 4) mss = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    // RFC 7323 §2.3: a larger shift counts as 14.
    if (kind === OPTION.windowScale && length === 3) windowScale = Math.min(bytes[at + 2] ?? 0, 14);
    at += length;
  }
  return { mss, windowScale };
};
