/** The code that tells how a session ended: `run` and `record` answer the shell with it, and a hunt's runs have it. */
import type { Signal } from "../host/stdio.js";
import type { SessionEnd } from "./session-end.js";

/** Documented in docs/cli.md; a guest's own codes are not named here. */
export const SESSION_CODE = {
  done: 0,
  /** --fail-text was printed, or --expect-text was not. */
  textFailed: 1,
  /** As Wokwi's. */
  timeout: 42,
  // From here on as in BSD's sysexits.h, where it has a word for it.
  /** The guest is in a state that no machine gets out of. */
  halted: 68,
  /** The guest's input has ended, and it waits for what can't come. */
  starved: 69,
  output: 73,
} as const;

/** 128 and the signal's number, as shells have it. */
export const SIGNAL_CODES: Readonly<Record<Signal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

const LARGEST = 255;

/** A process has 8 bits for what a guest has 32 for; a failure stays one. */
export const guestExitCode = (code: number): number => (code === 0 ? 0 : code & LARGEST || LARGEST);

export interface Expectations {
  readonly expectText?: string | undefined;
  /** Its script says which code the guest ends with. */
  readonly expectsExit?: boolean;
  /** Default 42. */
  readonly timeoutCode?: number;
}

type CodedEnd = Pick<SessionEnd, "cause" | "guestCode" | "unkept">;

export function sessionCode(end: CodedEnd, expected: Expectations): number {
  const code = codeWithoutScript(end, expected);
  if (!breaksScript(end)) return end.cause === "guest" && expected.expectsExit === true ? SESSION_CODE.done : code;
  return end.cause === "guest" || code === SESSION_CODE.done ? SESSION_CODE.textFailed : code;
}

/** Who ends it from outside wants no more of the script. */
export const breaksScript = ({ cause, unkept }: Pick<CodedEnd, "cause" | "unkept">): boolean =>
  unkept !== undefined && cause !== "quit" && cause !== "outputClosed" && cause !== "expectText";

function codeWithoutScript({ cause, guestCode }: CodedEnd, { expectText, timeoutCode }: Expectations): number {
  const unlessExpected = (code: number): number => (expectText === undefined ? code : SESSION_CODE.textFailed);
  switch (cause) {
    case "guest":
      return guestCode === 0 ? unlessExpected(SESSION_CODE.done) : guestExitCode(guestCode);
    case "machine":
      return SESSION_CODE.halted;
    case "failText":
      return SESSION_CODE.textFailed;
    case "timeout":
      return timeoutCode ?? SESSION_CODE.timeout;
    case "starved":
      return unlessExpected(SESSION_CODE.starved);
    case "reset":
      return unlessExpected(SESSION_CODE.done);
    case "consoleFailed":
      return SESSION_CODE.output;
    case "expectText":
    case "quit":
    case "outputClosed":
      return SESSION_CODE.done;
    default:
      return SIGNAL_CODES[cause];
  }
}
