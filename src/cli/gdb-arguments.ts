/** Where gdb is waited for: --gdb, and QEMU's -gdb and -s. */
import type { GdbPlace } from "../streams/session/gdb/server.js";
import { UsageError } from "./problems.js";
import { STANDARD_STREAM } from "./standard-stream.js";

/** Nobody else's computer is to reach it. */
const OWN_HOST = "127.0.0.1";
const MAX_PORT = 65_535;

/** @throws {UsageError} */
export function gdbPlace(option: string, text: string | undefined): GdbPlace | undefined {
  if (text === undefined || text === "none") return undefined;
  if (text === STANDARD_STREAM || text === "stdio") return "stdio";
  // What QEMU has behind a comma (server, wait) is so here anyway.
  const place = text.replace(/,.*$/s, "");
  const [, path] = /^unix:(.+)$/s.exec(place) ?? [];
  if (path !== undefined) return { type: "unix", path };
  const [, host = "", port = "0"] = /^(?:tcp:)?(?:(.*):)?(\d{1,5})$/s.exec(place) ?? [];
  if (Number(port) < 1 || Number(port) > MAX_PORT) {
    throw new UsageError(`${option} ${text}: give [HOST:]PORT, unix:PATH, or - for the standard streams`);
  }
  return { type: "inet", host: host === "" ? OWN_HOST : host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}
