/** A real gdb on a target of ours: commands go in, and what its registers say after each comes out. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { gdbServer } from "../../src/streams/session/gdb/server.js";
import type { MonitorTarget } from "../../src/streams/session/target/target.js";

export interface Seen {
  readonly command: string;
  /** What gdb printed, or its error. */
  readonly text: string;
  /** x1 to x31. */
  readonly registers: readonly bigint[];
  readonly pc: bigint;
  /** Of the thread that is chosen. */
  readonly hart: number;
  readonly position: { readonly icount: number; readonly seq: number };
}

const DRIVER = `
import gdb, json, sys
for setting in ("remotetimeout 120", "pagination off", "confirm off", "width 0", "height 0", "architecture riscv:rv64"):
    gdb.execute("set " + setting)
NAMES = "ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6".split()
number = lambda text: str(int(gdb.parse_and_eval("(unsigned long)" + text)))
for line in open(COMMANDS):
    command = line.rstrip("\\n")
    try:
        text = gdb.execute(command, to_string=True)
    except gdb.error as fault:
        text = "error: " + str(fault)
    seen = {"command": command, "text": text}
    try:
        seen["when"] = gdb.execute("monitor when", to_string=True)
        seen["pc"] = number("$pc")
        seen["thread"] = gdb.selected_thread().num
        seen["registers"] = [number("$" + name) for name in NAMES]
    except (gdb.error, AttributeError) as fault:
        seen["when"] = str(fault)
    print("\\n@" + json.dumps(seen), flush=True)
`;

export interface GdbOptions {
  /** Default: none. */
  readonly program?: string | undefined;
  readonly timeoutMs?: number;
}

/** The first that is seen is how it connects. Rejects where gdb does not end by itself. */
export async function gdbOn(
  target: MonitorTarget,
  folder: string,
  commands: readonly string[],
  options: GdbOptions = {},
): Promise<Seen[]> {
  const path = join(folder, "gdb.socket");
  const end = await gdbServer(target, { type: "unix", path }, { killed: () => undefined, left: () => undefined });
  const seen = await gdbAt(path, folder, commands, options);
  await end();
  return seen;
}

/** The same of whoever waits for gdb at a socket. */
export async function gdbAt(
  path: string,
  folder: string,
  commands: readonly string[],
  { program, timeoutMs = 120_000 }: GdbOptions = {},
): Promise<Seen[]> {
  const [script, list] = [join(folder, "driver.py"), join(folder, "commands")];
  writeFileSync(list, [`target remote ${path}`, ...commands, ""].join("\n"));
  writeFileSync(script, `COMMANDS = ${JSON.stringify(list)}\n${DRIVER}`);
  const gdb = spawn("gdb-multiarch", ["-nx", "-batch", ...(program === undefined ? [] : [program]), "-x", script], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  let text = "";
  let errors = "";
  gdb.stdout.on("data", (part: Buffer) => (text += part.toString()));
  gdb.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  const code = await new Promise<number | null>((resolve) => gdb.on("close", resolve));
  if (code !== 0) throw new Error(`gdb ended with ${String(code)}:\n${text}\n${errors}`);
  return text
    .split("\n")
    .filter((line) => line.startsWith("@"))
    .map((line) => seenIn(JSON.parse(line.slice(1)) as Told));
}

interface Told {
  readonly command: string;
  readonly text: string;
  readonly when: string;
  readonly pc?: string;
  readonly thread?: number;
  readonly registers?: readonly string[];
}

function seenIn({ command, text, when, pc = "0", thread = 0, registers = [] }: Told): Seen {
  const [, icount = "-1", seq = "-1"] = /instruction (\d+), event (\d+)/.exec(when) ?? [];
  return {
    ...{ command, text, pc: BigInt(pc), hart: thread - 1, registers: registers.map(BigInt) },
    position: { icount: Number(icount), seq: Number(seq) },
  };
}
