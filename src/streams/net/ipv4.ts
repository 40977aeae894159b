/** IPv4 packets (RFC 791). */
import { ipv4At, ipv4Bytes } from "./addresses.js";
import { internetChecksum } from "./checksum.js";

export interface Ipv4Packet {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly identification?: number;
  /** In bytes. */
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  /** The header with the first 8 bytes after it, for an ICMP error about this packet. */
  readonly beginning?: Uint8Array;
}

export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;

/** The wire's limit on a packet, including the header. */
const MTU = 1500;
const IPV4_HEADER_BYTES = 20;

/** Returns undefined if the packet is damaged or not IPv4. */
export const parseIpv4 = (bytes: Uint8Array): Ipv4Packet | undefined => {
  const headerBytes = ((bytes[0] ?? 0) & 0xf) * 4;
  if ((bytes[0] ?? 0) >> 4 !== 4 || headerBytes < IPV4_HEADER_BYTES || bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const total = view.getUint16(2);
  if (total < headerBytes || total > bytes.length) return undefined;
  if (internetChecksum(bytes.subarray(0, headerBytes)) !== 0) return undefined;
  const fragment = view.getUint16(6);
  return {
    source: ipv4At(bytes, 12),
    destination: ipv4At(bytes, 16),
    protocol: view.getUint8(9),
    payload: bytes.subarray(headerBytes, total),
    identification: view.getUint16(4),
    fragmentOffset: (fragment & 0x1fff) * 8,
    moreFragments: (fragment & MORE_FRAGMENTS) !== 0,
    beginning: bytes.subarray(0, Math.min(headerBytes + 8, total)),
  };
};

/** Splits the packet into as many fragments as it needs. */
export const ipv4Packets = (packet: Ipv4Packet): Uint8Array[] => {
  const { payload } = packet;
  const room = (MTU - IPV4_HEADER_BYTES) & ~7;
  if (payload.length <= MTU - IPV4_HEADER_BYTES) return [ipv4Packet(packet)];
  return Array.from({ length: Math.ceil(payload.length / room) }, (_, index) =>
    ipv4Packet({
      ...packet,
      payload: payload.subarray(index * room, (index + 1) * room),
      fragmentOffset: index * room,
      moreFragments: (index + 1) * room < payload.length,
    }),
  );
};

const MORE_FRAGMENTS = 0x2000;
const TIME_TO_LIVE = 64;

const ipv4Packet = (packet: Ipv4Packet): Uint8Array => {
  const { source, destination, protocol, payload, identification = 0, fragmentOffset = 0, moreFragments } = packet;
  const bytes = new Uint8Array(IPV4_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  view.setUint16(4, identification);
  view.setUint16(6, (fragmentOffset / 8) | (moreFragments === true ? MORE_FRAGMENTS : 0));
  view.setUint8(8, TIME_TO_LIVE);
  view.setUint8(9, protocol);
  bytes.set(ipv4Bytes(source), 12);
  bytes.set(ipv4Bytes(destination), 16);
  view.setUint16(10, internetChecksum(bytes.subarray(0, IPV4_HEADER_BYTES)));
  bytes.set(payload, IPV4_HEADER_BYTES);
  return bytes;
};
