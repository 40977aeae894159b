/** The address under which a server is reached. */
import { networkInterfaces } from "node:os";

import { isLoopback } from "./access.js";

type Interfaces = ReturnType<typeof networkInterfaces>;

/** Of one that listens on all addresses, that of this machine's which others can open. */
export function reachedAt(host: string, port: number, interfaces: () => Interfaces = networkInterfaces): string {
  const name = isLoopback(host) ? "localhost" : ALL_ADDRESSES.has(host) ? outerAddress(interfaces()) : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${String(port)}`;
}

const ALL_ADDRESSES: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Without a network only this machine reaches it. */
function outerAddress(interfaces: Interfaces): string {
  const all = Object.values(interfaces).flatMap((addresses = []) => addresses.filter(({ internal }) => !internal));
  const best = all.find(({ family }) => family === "IPv4") ?? all.find(({ scopeid = 0 }) => scopeid === 0);
  return best?.address ?? "localhost";
}
