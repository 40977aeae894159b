/** Calls of the command: in this process on streams of the test's, or in one of its own. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { resolve } from "node:path";
import { PassThrough, Writable, type Readable } from "node:stream";

import { isBuilt } from "../../scripts/is-built.js";
import { main } from "../../src/cli/main.js";
import type { Input, Output, Signal, Stdio } from "../../src/streams/host/stdio.js";
import { bundled } from "../support/bundled.js";
import { DEMO_ELF } from "../support/demo-guest.js";

/** The embedded guest, without waiting for timers. */
export const DEMO = ["--bios", "none", "--kernel", DEMO_ELF, "--memory", "8M", "--seed", "x", "--icount", "sleep=off"];

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Standard streams that a test holds the other end of. */
export interface TestStdio extends Stdio {
  readonly stdin: Input & PassThrough;
  readonly printed: () => string;
  readonly complained: () => string;
  /** Calls back whenever the command prints. */
  onPrinted: (text: string) => void;
  /** One that comes before the command listens is heard once it does. */
  readonly signal: (signal: Signal) => void;
  /** As if it went on after a stop. */
  continued: () => void;
  /** Every call of setRawMode, where the streams are a terminal. */
  readonly rawModes: boolean[];
}

export function testStdio({ isTerminal = false }: { readonly isTerminal?: boolean } = {}): TestStdio {
  const rawModes: boolean[] = [];
  const stdout = collector(isTerminal);
  const stderr = collector(isTerminal);
  const terminal = {
    isTTY: true,
    setRawMode: (isRaw: boolean) => {
      rawModes.push(isRaw);
    },
  };
  const stdin = Object.assign(new PassThrough(), isTerminal ? terminal : {});
  let listening: ((signal: Signal) => void) | undefined;
  let early: Signal | undefined;
  const stdio: TestStdio = {
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    onSignal: (listener) => {
      listening = listener;
      const before = early;
      early = undefined;
      if (before !== undefined) setImmediate(() => listening?.(before));
      return () => (listening = undefined);
    },
    onExit: () => () => undefined,
    onContinued: (listener) => {
      stdio.continued = listener;
      return () => (stdio.continued = () => undefined);
    },
    continued: () => undefined,
    printed: stdout.text,
    complained: stderr.text,
    onPrinted: () => undefined,
    signal: (signal) => {
      if (listening === undefined) early = signal;
      else listening(signal);
    },
    rawModes,
  };
  stdout.listen(() => {
    stdio.onPrinted(stdout.text());
  });
  return stdio;
}

function collector(isTTY: boolean): { stream: Output; text: () => string; listen: (listener: () => void) => void } {
  let text = "";
  let heard: () => void = () => undefined;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString("latin1");
      heard();
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => text, listen: (listener) => (heard = listener) };
}

/** Runs it here. */
export async function foldvm(words: readonly string[], stdio: TestStdio = testStdio()): Promise<Answer> {
  const code = await main(words, stdio);
  return { code, stdout: stdio.printed(), stderr: stdio.complained() };
}

/** The program of such a process: the built command, which starts four times as fast, where no source is newer. */
export const commandFile = (): string => (program ??= isBuilt() ? resolve("bin/foldvm.js") : bundled(CLI_PROCESS));

const CLI_PROCESS = "test/cli/cli-process.ts";
let program: string | undefined;

export type CliProcess = ChildProcessByStdio<Writable, Readable, Readable>;
type ReadProcess = ChildProcessByStdio<null, Readable, Readable>;

/** Starts it in a process of its own. */
export const startFoldvm = (words: readonly string[], env: NodeJS.ProcessEnv = {}): CliProcess =>
  spawn(process.execPath, [commandFile(), ...words], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });

/** The same where standard input is an open file of the host. */
export const startFoldvmOn = (input: number, words: readonly string[]): ReadProcess =>
  spawn(process.execPath, [commandFile(), ...words], { stdio: [input, "pipe", "pipe"] }) as ReadProcess;

/** Where a server of it is, as it says. */
export const addressOf = (child: CliProcess): Promise<string> =>
  new Promise((resolve) => {
    let said = "";
    child.stderr.on("data", (text: Buffer) => {
      said += text.toString();
      const address = /foldvm: (http:\S+)\n/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
  });

/** How such a process ended; standard output one character a byte. */
export const ended = (child: CliProcess | ReadProcess): Promise<Answer & { readonly signal: string | null }> =>
  new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("latin1")));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code: code ?? -1, signal, stdout, stderr });
    });
  });
