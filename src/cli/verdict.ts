/** What the end of a session means to the shell, and in words where they are needed. */
import { kindOfFile } from "../streams/host/file-kind.js";
import type { SessionEnd } from "../streams/session/session-end.js";
import { EXIT, guestExitCode, SIGNAL_CODES } from "./exit-codes.js";
import { timeoutExitCode, type SessionArguments } from "./session-arguments.js";

export interface Verdict {
  readonly code: number;
  readonly message?: string;
}

/** `expectsExit`: a script has said which code the guest ends with. */
export function verdict(args: SessionArguments, end: SessionEnd, expectsExit: boolean): Verdict {
  const { code, message } = explained(args, end);
  const { cause, unkept } = end;
  // Who ends it from outside wants no more of the script.
  if (unkept === undefined || cause === "quit" || cause === "outputClosed" || cause === "expectText")
    return cause === "guest" && expectsExit ? expectedExit(end) : { code, ...said(message) };
  if (cause === "guest") return { code: EXIT.textFailed, message: unkept };
  return { code: code === EXIT.done ? EXIT.textFailed : code, message: joined(message, unkept) };
}

/** A success, whatever the code is. */
const expectedExit = ({ guestCode }: SessionEnd): Verdict =>
  guestCode === 0
    ? { code: EXIT.done }
    : { code: EXIT.done, message: `the guest ended with code ${String(guestCode)}, as its script expects` };

/** With what the machine itself can say. */
function explained(args: SessionArguments, end: SessionEnd): Verdict {
  const { code, message } = withoutScript(args, end);
  if (message === undefined) return { code };
  // A guest that switched itself off was not stuck.
  const why = end.cause === "guest" || end.diagnosis.text === "" ? "" : `; ${end.diagnosis.text}`;
  return {
    code,
    message: `${message}${why}${end.cause === "machine" ? `${rawBinaries(args)}${noFirmware(args, end)}` : ""}`,
  };
}

function withoutScript(args: SessionArguments, { cause, guestCode, machineCause }: SessionEnd): Verdict {
  const expected = args.get("expect-text");
  switch (cause) {
    case "guest":
      return guestVerdict(expected, guestCode);
    case "machine":
      return { code: EXIT.halted, message: machineCause };
    case "expectText":
      return { code: EXIT.done };
    case "failText":
      return { code: EXIT.textFailed, message: `the guest printed ${quoted(args.get("fail-text"))} (--fail-text)` };
    case "timeout":
      return {
        code: timeoutExitCode(args),
        message: `ended after ${args.get("timeout") ?? ""} s (--timeout)${missing(expected)}`,
      };
    case "starved":
      return unlessExpected(
        expected,
        EXIT.starved,
        "the guest waits for an interrupt that can't come: its input has ended or is not taken, and it has no timer",
      );
    case "reset":
      return unlessExpected(expected, EXIT.done, "ended at a reset (--no-reboot)");
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

function guestVerdict(expected: string | undefined, guestCode: number): Verdict {
  if (guestCode !== 0) {
    const code = guestExitCode(guestCode);
    const shown = code === guestCode ? "" : `, which is ${String(code)} for the shell`;
    return { code, message: `the guest ended with code ${String(guestCode)}${shown}${missing(expected)}` };
  }
  return expected === undefined
    ? { code: EXIT.done }
    : { code: EXIT.textFailed, message: `the guest ended${missing(expected)}` };
}

const unlessExpected = (expected: string | undefined, code: number, message: string): Verdict => ({
  code: expected === undefined ? code : EXIT.textFailed,
  message: `${message}${missing(expected)}`,
});

const missing = (expected: string | undefined): string =>
  expected === undefined ? "" : `; it did not print ${quoted(expected)} (--expect-text)`;

const quoted = (value: string | undefined): string => JSON.stringify(value ?? "");
const said = (message: string | undefined): { message?: string } => (message === undefined ? {} : { message });
const joined = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join("; ");
