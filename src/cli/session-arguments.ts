/** What `run` and `record` have in common: a machine on the standard streams, and what ends it. */
import type { ConsoleName } from "../streams/session/consoles.js";
import type { OpenedMachine } from "../streams/session/machine-options.js";
import { runSession, type SessionOptions } from "../streams/session/session.js";
import type { SessionEnd } from "../streams/session/session-end.js";
import type { ConsolePlace, ConsolesOptions } from "../streams/session/consoles.js";
import type { Stdio } from "../streams/host/stdio.js";
import { UsageError, type Arguments } from "./arguments.js";
import { EXIT, guestExitCode } from "./exit-codes.js";
import { consoleName, consolePlace, monitorPlace, virtioConsolePlaces } from "./console-arguments.js";
import { isSleeping } from "./machine-arguments.js";
import { START_OPTIONS } from "./starting-point.js";
import { symbolsIn, SYMBOLS_OPTION } from "./symbols-option.js";
import { checkStatistics, sayStatistics, STATISTICS_OPTION } from "./statistics.js";
import { integer, seconds } from "./values.js";

export const SESSION_OPTIONS = {
  ...START_OPTIONS,
  serial: { value: "PLACE", help: "where the UART ends: stdio (default), null, file:PATH or unix:PATH" },
  console: { value: "SLOT=PLACE,...", help: "where virtio consoles end, by their slot; default: stdio" },
  input: { value: "uart|virtio|SLOT", help: "the console that is typed at, of those on stdio (uart)" },
  "expect-text": { value: "TEXT", help: "end with exit code 0 when the guest prints it" },
  "fail-text": { value: "TEXT", help: `end with exit code ${String(EXIT.textFailed)} when the guest prints it` },
  timeout: { value: "SECONDS", help: `end after this time, with exit code ${String(EXIT.timeout)}` },
  "timeout-exit-code": { value: "N", help: "another exit code for that" },
  monitor: {
    value: "unix:PATH",
    isOptional: true,
    help: "a monitor at a socket, or on standard input, for a script on a pipe; on a terminal Ctrl-A C leads there anyway",
  },
  ...SYMBOLS_OPTION,
  quiet: { short: "q", help: "say nothing about the run" },
  ...STATISTICS_OPTION,
} as const;

type SessionArguments = Arguments<typeof SESSION_OPTIONS>;

/** Runs it and answers how it ended. */
export async function session(
  args: SessionArguments,
  stdio: Stdio,
  open: () => OpenedMachine,
  more: Partial<SessionOptions> = {},
): Promise<SessionEnd> {
  const timeout = args.get("timeout");
  const options = {
    stdio,
    consoles: consolesOptions(args),
    sleep: isSleeping(args),
    monitor: monitorPlace(args.get("monitor")),
    symbols: symbolsIn(args.get("symbols")),
    expectText: text(args, "expect-text"),
    failText: text(args, "fail-text"),
    timeoutMs: timeout === undefined ? undefined : seconds("--timeout", timeout) * 1000,
    ...more,
  };
  timeoutExitCode(args);
  checkStatistics(args);
  const opened = open();
  if (stdio.stdin.isTTY === true && !args.has("quiet")) stdio.stderr.write("foldvm: Ctrl-A X quits, Ctrl-A H helps\n");
  try {
    return await runSession(opened, options);
  } finally {
    opened.close();
  }
}

/** What the session means to the shell, and in words where they are needed. */
export function verdict(args: SessionArguments, end: SessionEnd): { code: number; message?: string } {
  const { code, message } = verdictOnCause(args, end);
  if (message === undefined) return { code };
  // A guest that switched itself off was not stuck.
  const why = end.cause === "guest" || end.diagnosis.text === "" ? "" : `; ${end.diagnosis.text}`;
  return { code, message: `${message}${why}${end.cause === "machine" ? noFirmware(args, end) : ""}` };
}

function verdictOnCause(
  args: SessionArguments,
  { cause, guestCode, machineCause }: SessionEnd,
): { code: number; message?: string } {
  switch (cause) {
    case "guest":
      return guestVerdict(args.get("expect-text"), guestCode);
    case "machine":
      return { code: EXIT.halted, message: machineCause };
    case "expectText":
      return { code: EXIT.done };
    case "failText":
      return { code: EXIT.textFailed, message: `the guest printed ${quoted(args.get("fail-text"))} (--fail-text)` };
    case "timeout":
      return {
        code: timeoutExitCode(args),
        message: `ended after ${args.get("timeout") ?? ""} s (--timeout)${missing(args.get("expect-text"))}`,
      };
    case "starved":
      return starvedVerdict(args.get("expect-text"));
    case "quit":
      return { code: EXIT.done, message: "ended from the terminal" };
    case "consoleFailed":
      return { code: EXIT.output };
    case "outputClosed":
      return { code: EXIT.done, message: "ended, since nobody reads the output any more" };
    case "SIGINT":
    case "SIGTERM":
    case "SIGHUP":
      return { code: SIGNAL_CODES[cause], message: `ended by ${cause}` };
    default:
      cause satisfies never;
      return { code: EXIT.internal };
  }
}

/** The usual reason why a kernel falls over its first instructions, unless it was built for another machine. */
function noFirmware(args: SessionArguments, { diagnosis }: SessionEnd): string {
  const bios = args.get("bios");
  return (bios === undefined || bios === "none") && diagnosis.firstTrap?.extension === undefined
    ? "; a kernel for supervisor mode, such as Linux, needs firmware: --bios fw_jump.elf (Debian: opensbi)"
    : "";
}

/** 128 and the signal's number, as shells have it. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

function guestVerdict(expected: string | undefined, guestCode: number): { code: number; message?: string } {
  if (guestCode !== 0) {
    const code = guestExitCode(guestCode);
    const shown = code === guestCode ? "" : `, which is ${String(code)} for the shell`;
    return { code, message: `the guest ended with code ${String(guestCode)}${shown}${missing(expected)}` };
  }
  if (expected === undefined) return { code: EXIT.done };
  return { code: EXIT.textFailed, message: `the guest ended${missing(expected)}` };
}

function starvedVerdict(expected: string | undefined): { code: number; message: string } {
  return {
    code: expected === undefined ? EXIT.starved : EXIT.textFailed,
    message: `the guest waits for an interrupt that can't come: its input has ended or is not taken, and it has no timer${missing(expected)}`,
  };
}

const missing = (expected: string | undefined): string =>
  expected === undefined ? "" : `; it did not print ${quoted(expected)} (--expect-text)`;

const quoted = (value: string | undefined): string => JSON.stringify(value ?? "");

function timeoutExitCode(args: SessionArguments): number {
  const value = args.get("timeout-exit-code");
  if (value === undefined) return EXIT.timeout;
  const code = integer("--timeout-exit-code", value);
  if (code > 255) throw new UsageError(`--timeout-exit-code ${value}: a process has exit codes 0 to 255`);
  return code;
}

function text(args: SessionArguments, name: "expect-text" | "fail-text"): string | undefined {
  const value = args.get(name);
  if (value === "") throw new UsageError(`--${name} is empty: give the text to wait for`);
  return value;
}

function consolesOptions(args: SessionArguments): ConsolesOptions {
  const [serial, consoles, input] = [args.get("serial"), args.get("console"), args.get("input")];
  return {
    places: new Map<ConsoleName, ConsolePlace>([
      ...(serial === undefined ? [] : [["uart16550", consolePlace("--serial", serial)] as const]),
      ...(consoles === undefined ? [] : virtioConsolePlaces(consoles)),
    ]),
    input: input === undefined ? undefined : consoleName("--input", input),
  };
}

/** Says it on a line of its own. */
export function say(
  args: SessionArguments,
  stdio: Stdio,
  { isMidLine, statistics }: SessionEnd,
  messages: readonly (string | undefined)[],
): void {
  const lines = messages.flatMap((message) =>
    message === undefined || args.has("quiet") ? [] : [`foldvm: ${message}\n`],
  );
  const isShared = stdio.stdout.isTTY === true && stdio.stderr.isTTY === true;
  if (isShared && isMidLine && (lines.length > 0 || args.has("stats"))) stdio.stderr.write("\n");
  stdio.stderr.write(lines.join(""));
  sayStatistics(args, stdio, statistics);
}
