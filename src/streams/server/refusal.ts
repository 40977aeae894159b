/** What a request is refused with: a status of HTTP, a word for programs, and what is wrong and what to do. */
import { faultOf } from "../session/fault.js";
import type { Fault } from "../session/fault-kind.js";

export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The body of an answer that is a refusal (RFC 9457, problem details). */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** Of anything that was thrown on the way to an answer. */
export function problemOf(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof Refusal) return { status: error.status, code: error.code, detail };
  const fault = faultOf(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : fault.toUpperCase();
  return { status: STATUS[fault], code, detail };
}

export const headersOf = (error: unknown): Readonly<Record<string, string>> =>
  error instanceof Refusal ? error.headers : {};

const UNPROCESSABLE = 422;
const STATUS: Readonly<Record<Fault, number>> = {
  usage: 400,
  // An image that the recording needs is not there, or is another.
  file: 409,
  divergence: UNPROCESSABLE,
  recording: UNPROCESSABLE,
  boot: UNPROCESSABLE,
  output: 500,
  network: 500,
  process: 500,
  internal: 500,
};
