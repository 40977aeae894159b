/** --nic and --netdev: QEMU's words for a network card and what it is plugged into. */
import {
  BOOT_FILE_BYTES,
  isAddress,
  layoutOf,
  parseReachRule,
  parseSubnet,
  type HostEndpoint,
  type NetworkOptions,
  type PortForward,
} from "../streams/session/network-options.js";
import { isCardAddress } from "../streams/session/nics.js";
import type { Arguments } from "./arguments.js";
import { readEach, UsageError } from "./problems.js";
import { KeyValues } from "./key-values.js";
import { seconds } from "./values.js";

export const NETWORK_OPTIONS = {
  nic: {
    value: "TYPE,...",
    isRepeatable: true,
    help: "a network card: user or stream, with the keys of --netdev and mac=",
  },
  netdev: {
    value: "TYPE,id=ID,...",
    isRepeatable: true,
    help: "what a card is plugged into; docs/cli.md has the keys",
  },
} as const;

/** A card, and what is at the other end of its cable. */
export interface Nic {
  readonly mac: string | undefined;
  readonly network: NetworkOptions;
}

/** By their ids. @throws {UsageError} */
export function netdevs(args: Arguments<typeof NETWORK_OPTIONS>): ReadonlyMap<string, NetworkOptions> {
  const networks = new Map<string, NetworkOptions>();
  readEach(args.all("netdev"), (text) => {
    const values = new KeyValues("--netdev", text, "type");
    const id = values.one("id");
    if (id === undefined) throw new UsageError(`--netdev ${text}: id= is missing, by which --device names it`);
    if (networks.has(id)) throw new UsageError(`--netdev: two have id=${id}`);
    networks.set(id, networkOf(values));
  });
  return networks;
}

/** Of --nic, in their order. @throws {UsageError} */
export const nicArguments = (args: Arguments<typeof NETWORK_OPTIONS>): readonly Nic[] =>
  readEach(
    args.all("nic").filter((text) => text !== "none"),
    (text): Nic => {
      const values = new KeyValues("--nic", text, "type");
      values.choice("model", ["virtio", "virtio-net-device"]);
      return { mac: macOf(values), network: networkOf(values) };
    },
  );

const networkOf = (values: KeyValues): NetworkOptions => {
  switch (values.word) {
    case "user":
      return userNetwork(values);
    case "stream":
      return streamNetwork(values);
    case "socket":
      return socketNetwork(values);
    default:
      throw new UsageError(`there is no network ${JSON.stringify(values.word)}: use user, stream or socket`);
  }
};

function userNetwork(values: KeyValues): NetworkOptions {
  const net = given(values.one("net"), parseSubnet, "net= takes a subnet, such as 10.0.2.0/24");
  const address = (key: string): string | undefined =>
    given(values.one(key), (text) => (isAddress(text) ? text : undefined), `${key}= takes an IPv4 address`);
  const text = (key: string, maxBytes: number): string | undefined =>
    given(
      values.one(key),
      (value) => (Buffer.byteLength(value) <= maxBytes ? value : undefined),
      `${key}= takes at most ${String(maxBytes)} bytes, which is all that DHCP has room for`,
    );
  const layout = {
    ...(net === undefined ? {} : { net }),
    ...present("host", address("host")),
    ...present("dns", address("dns")),
    ...present("dhcpStart", address("dhcpstart")),
    ...present("hostname", text("hostname", MAX_HOSTNAME_BYTES)),
  };
  const tftp = values.one("tftp");
  if (tftp === "") throw new UsageError("tftp= takes a folder, such as tftp=boot");
  const guest = layoutOf(layout).dhcpStart;
  const options: NetworkOptions = {
    type: "user",
    ...layout,
    ...present("tftp", tftp),
    ...present("bootFile", text("bootfile", BOOT_FILE_BYTES - 1)),
    ...present("restrict", values.flag("restrict")),
    allow: values.all("allow").map((text) => required(text, parseReachRule, RULE)),
    ...present("resolver", given(values.one("resolver"), resolver, "resolver= takes ADDRESS[:PORT]")),
    forwards: values.all("hostfwd").map((text) => required(text, (one) => forward(one, guest), FORWARD)),
  };
  values.finish("user has net, host, dns, dhcpstart, hostname, restrict, allow, resolver, hostfwd, tftp and bootfile");
  return options;
}

/** RFC 2132 §3.14: an option's length is a byte. */
const MAX_HOSTNAME_BYTES = 255;
const RULE = "allow= takes [tcp:|udp:]ADDRESS[/BITS]:PORT[-PORT], such as allow=127.0.0.1:8080";
const FORWARD = "hostfwd= takes [tcp|udp]:[ADDRESS]:PORT-[ADDRESS]:PORT, such as hostfwd=tcp::2222-:22";
const LOOPBACK = "127.0.0.1";

function streamNetwork(values: KeyValues): NetworkOptions {
  const server = values.flag("server") ?? false;
  const type = values.one("addr.type") ?? "";
  const path = values.one("addr.path");
  const host = values.one("addr.host") ?? LOOPBACK;
  const port = portOf(values.one("addr.port") ?? "");
  const reconnect = values.one("reconnect");
  values.finish("stream has server, addr.type, addr.path, addr.host, addr.port and reconnect");
  const reconnecting = reconnect === undefined ? {} : { reconnectMs: seconds("reconnect", reconnect) * 1000 };
  if (type === "unix" && path !== undefined && path !== "")
    return { type: "stream", server, address: { type, path }, ...reconnecting };
  if (type === "inet" && port !== undefined)
    return { type: "stream", server, address: { type, host, port }, ...reconnecting };
  throw new UsageError("stream: give addr.type=unix,addr.path=PATH or addr.type=inet,addr.host=HOST,addr.port=PORT");
}

function socketNetwork(values: KeyValues): NetworkOptions {
  const listen = values.one("listen");
  const connect = values.one("connect");
  values.finish("socket has listen= or connect=");
  const text = listen ?? connect ?? "";
  const at = text.lastIndexOf(":");
  const port = portOf(text.slice(at + 1));
  if ((listen === undefined) === (connect === undefined) || at < 0 || port === undefined)
    throw new UsageError("socket: give listen=[HOST]:PORT or connect=HOST:PORT");
  const host = at === 0 ? LOOPBACK : text.slice(0, at);
  return { type: "stream", server: listen !== undefined, address: { type: "inet", host, port } };
}

function forward(text: string, guest: string): PortForward | undefined {
  const match = /^(tcp|udp|):([\d.]*):(\d+)-([\d.]*):(\d+)$/.exec(text);
  if (match === null) return undefined;
  const [, protocol = "", fromAddress = "", fromPort = "", toAddress = "", toPort = ""] = match;
  const from = endpoint(fromAddress === "" ? LOOPBACK : fromAddress, fromPort);
  const to = endpoint(toAddress === "" ? guest : toAddress, toPort);
  return from === undefined || to === undefined
    ? undefined
    : { protocol: protocol === "udp" ? "udp" : "tcp", from, to };
}

const resolver = (text: string): HostEndpoint | undefined => {
  const [address = "", port = "53", ...more] = text.split(":");
  return more.length === 0 ? endpoint(address, port) : undefined;
};

const endpoint = (address: string, portText: string): HostEndpoint | undefined => {
  const port = portOf(portText);
  return isAddress(address) && port !== undefined ? { address, port } : undefined;
};

const portOf = (text: string): number | undefined =>
  /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536 ? Number(text) : undefined;

export const macOf = (values: KeyValues): string | undefined => {
  const mac = values.one("mac")?.toLowerCase();
  if (mac !== undefined && !isCardAddress(mac))
    throw new UsageError(`mac=${mac}: give the six bytes of a card's own address, such as 52:54:00:12:34:56`);
  return mac;
};

const given = <T>(text: string | undefined, parse: (text: string) => T | undefined, remedy: string): T | undefined =>
  text === undefined ? undefined : required(text, parse, remedy);

function required<T>(text: string, parse: (text: string) => T | undefined, remedy: string): T {
  const value = parse(text);
  if (value === undefined) throw new UsageError(`${JSON.stringify(text)}: ${remedy}`);
  return value;
}

const present = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);
