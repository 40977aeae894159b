/** UDP datagrams (RFC 768). */
import { ipv4Bytes } from "./addresses.js";
import { internetChecksum, pseudoHeader } from "./checksum.js";
import { PROTOCOL, type Ipv4Packet } from "./ipv4.js";

/** A datagram with the addresses of its packet. */
export interface UdpDatagram {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = 8;

export const parseUdp = ({ source, destination, payload: bytes }: Ipv4Packet): UdpDatagram | undefined => {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint16(4);
  if (length < HEADER_BYTES || length > bytes.length) return undefined;
  const datagram = bytes.subarray(0, length);
  // A checksum of zero means that there is none.
  if (view.getUint16(6) !== 0 && checksum(source, destination, datagram) !== 0) return undefined;
  return {
    source,
    sourcePort: view.getUint16(0),
    destination,
    destinationPort: view.getUint16(2),
    payload: datagram.subarray(HEADER_BYTES),
  };
};

export const udpPacket = ({ source, destination, sourcePort, destinationPort, payload }: UdpDatagram): Ipv4Packet => {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint16(4, bytes.length);
  bytes.set(payload, HEADER_BYTES);
  view.setUint16(6, checksum(source, destination, bytes) || 0xffff);
  return { source, destination, protocol: PROTOCOL.udp, payload: bytes };
};

const checksum = (source: string, destination: string, datagram: Uint8Array): number =>
  internetChecksum(pseudoHeader(ipv4Bytes(source), ipv4Bytes(destination), PROTOCOL.udp, datagram.length), datagram);
