/** Unix sockets that other processes make. */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

const SOCKETS = "/proc/net/unix";
/** SO_ACCEPTCON among the flags of a socket there: see unix_seq_show in Linux's net/unix/af_unix.c. */
const LISTENS = 1 << 16;

const LOOK_AGAIN_MS = 10;

/** Until somebody listens there. */
export async function listening(path: string): Promise<void> {
  while (!isListening(path)) await setTimeout(LOOK_AGAIN_MS);
}

/** Whether somebody listens there. Its file is there a moment before; where the host says no more, that has to do. */
export function isListening(path: string): boolean {
  if (!existsSync(path)) return false;
  if (!existsSync(SOCKETS)) return true;
  return readFileSync(SOCKETS, "utf8")
    .split("\n")
    .some((line) => line.endsWith(` ${path}`) && (Number.parseInt(line.split(/\s+/)[3] ?? "", 16) & LISTENS) !== 0);
}
