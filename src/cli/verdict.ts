/** What the end of a session means to the shell, and in words where they are needed. */
import { kindOfFile } from "../streams/host/file-kind.js";
import { breaksScript, guestExitCode, sessionCode } from "../streams/session/session-code.js";
import type { SessionEnd } from "../streams/session/session-end.js";
import { timeoutExitCode, type SessionArguments } from "./session-arguments.js";

export interface Verdict {
  readonly code: number;
  readonly message?: string;
}

/** `expectsExit`: a script has said which code the guest ends with. */
export function verdict(args: SessionArguments, end: SessionEnd, expectsExit: boolean): Verdict {
  const expected = { expectText: args.get("expect-text"), expectsExit, timeoutCode: timeoutExitCode(args) };
  const message = messageOf(args, end, expectsExit);
  return { code: sessionCode(end, expected), ...(message === undefined ? {} : { message }) };
}

function messageOf(args: SessionArguments, end: SessionEnd, expectsExit: boolean): string | undefined {
  const { cause, unkept } = end;
  if (!breaksScript(end)) return cause === "guest" && expectsExit ? expectedExit(end) : explained(args, end);
  return cause === "guest" ? unkept : joined(explained(args, end), unkept);
}

/** A success, whatever the code is. */
const expectedExit = ({ guestCode }: SessionEnd): string | undefined =>
  guestCode === 0 ? undefined : `the guest ended with code ${String(guestCode)}, as its script expects`;

/** With what the machine itself can say. */
function explained(args: SessionArguments, end: SessionEnd): string | undefined {
  const message = withoutScript(args, end);
  if (message === undefined) return undefined;
  // A guest that switched itself off was not stuck.
  const why = end.cause === "guest" || end.diagnosis.text === "" ? "" : `; ${end.diagnosis.text}`;
  return `${message}${why}${end.cause === "machine" ? `${rawBinaries(args)}${noFirmware(args, end)}` : ""}`;
}

function withoutScript(args: SessionArguments, { cause, guestCode, machineCause }: SessionEnd): string | undefined {
  const expected = args.get("expect-text");
  switch (cause) {
    case "guest":
      return guestMessage(expected, guestCode);
    case "machine":
      return machineCause;
    case "expectText":
    case "consoleFailed":
      return undefined;
    case "failText":
      return `the guest printed ${quoted(args.get("fail-text"))} (--fail-text)`;
    case "timeout":
      return `ended after ${args.get("timeout") ?? ""} s (--timeout)${missing(expected)}`;
    case "starved":
      return `the guest waits for an interrupt that can't come: its input has ended or is not taken, and it has no timer${missing(expected)}`;
    case "reset":
      return `ended at a reset (--no-reboot)${missing(expected)}`;
    case "quit":
      return "ended from the terminal";
    case "outputClosed":
      return "ended, since nobody reads the output any more";
    case "SIGINT":
    case "SIGTERM":
    case "SIGHUP":
      return `ended by ${cause}`;
    default:
      return cause satisfies never;
  }
}

/** A file that was meant to be something else, such as a source, runs as what its bytes happen to say. */
const rawBinaries = (args: SessionArguments): string =>
  (["bios", "kernel"] as const)
    .map((option) => args.get(option))
    .filter((path) => path !== undefined && path !== "none" && path !== "default" && kindOfFile(path) === undefined)
    .map((path) => `; ${path ?? ""} is no ELF file and no Linux Image, and was taken as a raw binary`)
    .join("");

/** The usual reason why a kernel falls over its first instructions, unless it was built for another machine. */
function noFirmware(args: SessionArguments, { diagnosis }: SessionEnd): string {
  const bios = args.get("bios");
  return (bios === undefined || bios === "none") &&
    diagnosis.harts.every(({ firstTrap }) => firstTrap?.extension === undefined)
    ? "; a kernel for supervisor mode, such as Linux, needs firmware: --bios default, or --bios fw_jump.elf (Debian: opensbi)"
    : "";
}

function guestMessage(expected: string | undefined, guestCode: number): string | undefined {
  if (guestCode === 0) return expected === undefined ? undefined : `the guest ended${missing(expected)}`;
  const code = guestExitCode(guestCode);
  const shown = code === guestCode ? "" : `, which is ${String(code)} for the shell`;
  return `the guest ended with code ${String(guestCode)}${shown}${missing(expected)}`;
}

const missing = (expected: string | undefined): string =>
  expected === undefined ? "" : `; it did not print ${quoted(expected)} (--expect-text)`;

const quoted = (value: string | undefined): string => JSON.stringify(value ?? "");
const joined = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join("; ");
