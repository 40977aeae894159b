/** Ethernet II frames (IEEE 802.3 §3.1), as a network card passes them on. */
import { macAt, macBytes } from "./addresses.js";

export interface EthernetFrame {
  readonly destination: string;
  readonly source: string;
  readonly etherType: number;
  readonly payload: Uint8Array;
}

export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806 } as const;

const HEADER_BYTES = 14;

export const parseEthernet = (frame: Uint8Array): EthernetFrame | undefined =>
  frame.length < HEADER_BYTES
    ? undefined
    : {
        destination: macAt(frame, 0),
        source: macAt(frame, 6),
        etherType: ((frame[12] ?? 0) << 8) | (frame[13] ?? 0),
        payload: frame.subarray(HEADER_BYTES),
      };

export const ethernetFrame = ({ destination, source, etherType, payload }: EthernetFrame): Uint8Array => {
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  frame.set(macBytes(destination));
  frame.set(macBytes(source), 6);
  frame.set([etherType >> 8, etherType & 0xff], 12);
  frame.set(payload, HEADER_BYTES);
  return frame;
};
