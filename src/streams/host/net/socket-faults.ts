/** Explains why a socket of the host's failed: the address, the reason and the remedy. */
import type { HostEndpoint, SocketFault } from "../../net/router-host.js";

type Reason = SocketFault["reason"];

/** The errno values of connect(2), bind(2) and getaddrinfo(3). */
const KNOWN: Readonly<Record<string, readonly [Reason, string]>> = {
  EADDRINUSE: ["host", "is taken by another program: end that one, or name another address"],
  EADDRNOTAVAIL: ["host", "is no address of this host: name one that it has"],
  EACCES: [
    "host",
    "is not permitted (a port below 1024, or the folder of a socket): name another, or get the right to it",
  ],
  EPERM: ["host", "is not permitted by this host: name another address"],
  ENOTFOUND: ["host", "is no host that can be found: check the name, or give its address"],
  EAI_AGAIN: ["host", "can't be looked up now: try again, or give its address"],
  EMFILE: ["host", "needs one more file than this process may have open: raise it with ulimit -n"],
  ENFILE: ["host", "needs one more file than this system may have open"],
  ENOBUFS: ["host", "needs memory for a socket that this system does not have"],
  ENOENT: ["host", "is not there: start the other end first, or name a folder that exists"],
  ENOTDIR: ["host", "lies in a file and not in a folder: name another path"],
  ENOTSOCK: ["host", "is a file and no socket: name another path"],
  ENAMETOOLONG: ["host", "is longer than a socket's path can be: name a shorter one"],
  ECONNREFUSED: ["refused", "has nobody who listens: start the other end first"],
  EHOSTUNREACH: ["hostUnreachable", "can't be reached"],
  EHOSTDOWN: ["hostUnreachable", "can't be reached"],
  ENETUNREACH: ["networkUnreachable", "can't be reached: there is no way to its network"],
  ENETDOWN: ["networkUnreachable", "can't be reached: the network is down"],
  ETIMEDOUT: ["hostUnreachable", "did not answer in time"],
  ECONNRESET: ["gone", "closed the connection"],
  EPIPE: ["gone", "closed the connection"],
};

export const nameOf = ({ address, port }: HostEndpoint): string => `${address}:${String(port)}`;

/** The message begins with `address`, in the user's form. */
export const socketFault = (address: string, error: unknown): SocketFault => {
  const { code = "", message = String(error) } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const [reason, words] = KNOWN[code] ?? ["host", `can't be used: ${message}`];
  return { reason, message: code === "" || !(code in KNOWN) ? `${address} ${words}` : `${address} ${words} (${code})` };
};
