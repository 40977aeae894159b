/** Converts addresses between text, which can be compared and used as a key, and the bytes of a packet. */
import { hexOfBytes } from "../../reducers/hex.js";

/** Four decimal numbers without leading zeros. Some programs read a leading zero as octal. */
export const isAddress = (text: string): boolean => IPV4.test(text);

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

export const macAt = (bytes: Uint8Array, offset: number): string => hexOfBytes(bytes.subarray(offset, offset + 6), ":");

export const macBytes = (mac: string): Uint8Array =>
  Uint8Array.from(mac.split(":"), (byte) => Number.parseInt(byte, 16));

export const ipv4At = (bytes: Uint8Array, offset: number): string => bytes.subarray(offset, offset + 4).join(".");

export const ipv4Bytes = (address: string): Uint8Array => Uint8Array.from(address.split("."), Number);

export const ipv4Number = (address: string): number => new DataView(ipv4Bytes(address).buffer).getUint32(0);

export const ipv4Of = (value: number): string =>
  [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff].join(".");

/** A range of IPv4 addresses by their leading bits. */
export interface Subnet {
  readonly address: string;
  readonly bits: number;
}

/** Takes `10.0.2.0/24`, or a single address. Returns undefined for anything else. */
export const parseSubnet = (text: string): Subnet | undefined => {
  const [address = "", bits = "32", ...more] = text.split("/");
  return more.length === 0 && isAddress(address) && /^\d{1,2}$/.test(bits) && Number(bits) <= 32
    ? { address, bits: Number(bits) }
    : undefined;
};

export const netmask = ({ bits }: Subnet): string => ipv4Of(bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0);

export const isWithin = (subnet: Subnet, address: string): boolean => {
  const mask = ipv4Number(netmask(subnet));
  return (ipv4Number(address) & mask) === (ipv4Number(subnet.address) & mask);
};

/** The address at `index` in the subnet. */
export const hostIn = (subnet: Subnet, index: number): string =>
  ipv4Of(((ipv4Number(subnet.address) & ipv4Number(netmask(subnet))) + index) >>> 0);

export const broadcastOf = (subnet: Subnet): string =>
  ipv4Of((ipv4Number(subnet.address) | ~ipv4Number(netmask(subnet))) >>> 0);

/** Excludes multicast, reserved, loopback and "this network" addresses. */
export const isUnicast = (address: string): boolean => {
  const first = Number(address.split(".", 1)[0]);
  return first > 0 && first < 224 && first !== 127;
};

export const BROADCAST_MAC = "ff:ff:ff:ff:ff:ff";
export const BROADCAST_ADDRESS = "255.255.255.255";
export const ANY_ADDRESS = "0.0.0.0";
