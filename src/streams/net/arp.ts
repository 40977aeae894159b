/** ARP packets for IPv4 over Ethernet (RFC 826). */
import { ipv4At, ipv4Bytes, macAt, macBytes } from "./addresses.js";

export interface ArpPacket {
  readonly operation: number;
  readonly senderMac: string;
  readonly senderAddress: string;
  readonly targetMac: string;
  readonly targetAddress: string;
}

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

const LENGTH = 28;
/** Hardware type Ethernet, protocol type IPv4, and the lengths of their addresses. */
const KIND = [0, 1, 8, 0, 6, 4];

export const parseArp = (bytes: Uint8Array): ArpPacket | undefined =>
  bytes.length < LENGTH || KIND.some((byte, index) => bytes[index] !== byte)
    ? undefined
    : {
        operation: ((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0),
        senderMac: macAt(bytes, 8),
        senderAddress: ipv4At(bytes, 14),
        targetMac: macAt(bytes, 18),
        targetAddress: ipv4At(bytes, 24),
      };

export const arpPacket = (packet: ArpPacket): Uint8Array =>
  Uint8Array.of(
    ...KIND,
    packet.operation >> 8,
    packet.operation & 0xff,
    ...macBytes(packet.senderMac),
    ...ipv4Bytes(packet.senderAddress),
    ...macBytes(packet.targetMac),
    ...ipv4Bytes(packet.targetAddress),
  );
