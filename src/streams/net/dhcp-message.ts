/** DHCP messages (RFC 2131 §2) and their options (RFC 2132). */
import { ipv4At, ipv4Bytes, macAt, macBytes } from "./addresses.js";

export interface DhcpRequest {
  readonly type: number;
  readonly transaction: number;
  readonly flags: number;
  readonly clientAddress: string;
  readonly clientMac: string;
  readonly options: ReadonlyMap<number, Uint8Array>;
}

export const DHCP_TYPE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;

export const DHCP_OPTION = {
  subnetMask: 1,
  router: 3,
  domainNameServer: 6,
  hostName: 12,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  serverIdentifier: 54,
  end: 255,
} as const;

export const DHCP_SERVER_PORT = 67;
export const DHCP_CLIENT_PORT = 68;

/** The size of the `file` field, including the NUL at its end. */
export const BOOT_FILE_BYTES = 128;
const BOOT_FILE_AT = 108;
const FIXED_BYTES = 236;
const MAGIC = [99, 130, 83, 99];
/** RFC 951: the minimum length of a BOOTP message. */
const SHORTEST_BYTES = 300;

/** Parses a client's message. Returns undefined for anything else. */
export const parseDhcp = (bytes: Uint8Array): DhcpRequest | undefined => {
  const isOne = bytes.length >= FIXED_BYTES + MAGIC.length && bytes[0] === 1 && bytes[1] === 1 && bytes[2] === 6;
  if (!isOne || MAGIC.some((byte, index) => bytes[FIXED_BYTES + index] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const options = parseOptions(bytes.subarray(FIXED_BYTES + MAGIC.length));
  const [type] = options.get(DHCP_OPTION.messageType) ?? [];
  if (type === undefined) return undefined;
  return {
    type,
    transaction: view.getUint32(4),
    flags: view.getUint16(10),
    clientAddress: ipv4At(bytes, 12),
    clientMac: macAt(bytes, 28),
    options,
  };
};

export interface DhcpReply {
  readonly leased: string;
  readonly server: string;
  /** The file that the client boots from, at most 127 bytes. */
  readonly bootFile?: string | undefined;
  readonly options: readonly (readonly [number, Uint8Array])[];
}

export const dhcpReply = (request: DhcpRequest, { leased, server, bootFile = "", options }: DhcpReply): Uint8Array => {
  const encoded = options.flatMap(([code, value]) => [code, value.length, ...value]);
  const bytes = new Uint8Array(Math.max(FIXED_BYTES + MAGIC.length + encoded.length + 1, SHORTEST_BYTES));
  const view = new DataView(bytes.buffer);
  bytes.set([2, 1, 6, 0]);
  view.setUint32(4, request.transaction);
  view.setUint16(10, request.flags);
  bytes.set(ipv4Bytes(request.clientAddress), 12);
  bytes.set(ipv4Bytes(leased), 16);
  bytes.set(ipv4Bytes(server), 20);
  bytes.set(macBytes(request.clientMac), 28);
  bytes.set(new TextEncoder().encode(bootFile).subarray(0, BOOT_FILE_BYTES - 1), BOOT_FILE_AT);
  bytes.set([...MAGIC, ...encoded, DHCP_OPTION.end], FIXED_BYTES);
  return bytes;
};

const parseOptions = (bytes: Uint8Array): ReadonlyMap<number, Uint8Array> => {
  const options = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length && bytes[at] !== DHCP_OPTION.end;) {
    const code = bytes[at] ?? 0;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (at + 2 + length > bytes.length) break;
    options.set(code, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
};
