/** A machine that is recorded with a real gdb at it, and the same without. */
import { join } from "node:path";

import { foldvm, testStdio, type Answer } from "../cli/command-line.js";
import { gdbAt, type GdbOptions, type Seen } from "./gdb-client.js";
import { listening } from "./unix-sockets.js";

export interface LiveGdb {
  readonly seen: readonly Seen[];
  readonly answer: Answer;
}

/** It stands still until gdb lets it go. The first that is seen is how gdb connects. */
export async function recordedUnderGdb(
  [path, folder]: readonly [path: string, folder: string],
  line: readonly string[],
  commands: readonly string[],
  options: GdbOptions = {},
): Promise<LiveGdb> {
  const socket = join(folder, "live.socket");
  const stdio = testStdio();
  const answered = foldvm(["record", "-o", path, ...line, "-gdb", `unix:${socket},server=on`, "-S", "--quiet"], stdio);
  await listening(socket);
  const seen = await gdbAt(socket, folder, commands, options);
  stdio.stdin.end();
  return { seen, answer: await answered };
}
