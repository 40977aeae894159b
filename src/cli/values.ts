/** Values of options. */
import type { Until } from "../streams/past/until.js";
import { UsageError } from "./problems.js";

/** A number that a person may write as 500_000_000, or as it was printed: 500,000,000. @throws {UsageError} */
export function integer(option: string, text: string): number {
  const value = /^\d[\d_,]*$/.test(text) ? Number(text.replaceAll(/[_,]/g, "")) : NaN;
  if (!Number.isSafeInteger(value)) throw new UsageError(`${option} ${text}: give a whole number`);
  return value;
}

/** @throws {UsageError} */
export function seconds(option: string, text: string): number {
  const value = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : NaN;
  if (!(value > 0 && value <= MAX_SECONDS)) {
    const most = value > MAX_SECONDS ? `at most ${String(MAX_SECONDS)} ` : "";
    throw new UsageError(`${option} ${text}: give ${most}seconds, such as 60 or 0.5`);
  }
  return value;
}

/** A JavaScript timer has 31 bits of ms. */
export const MAX_SECONDS = 2_147_483;

/** Of an option that may be left out. @throws {UsageError} */
export const positionOf = (option: string, text: string | undefined): Until | undefined =>
  text === undefined || text === "end" ? undefined : position(option, text);

/** ICOUNT, seq:N or SEQ@ICOUNT. */
function position(option: string, text: string): Until {
  const match = /^(?:seq:(\d[\d_,]*)|(\d[\d_,]*)@(\d[\d_,]*)|(\d[\d_,]*))$/.exec(text);
  if (match === null) {
    throw new UsageError(`${option} ${text}: give an instruction count, seq:N for an event, or SEQ@ICOUNT`);
  }
  const [, seq, seqAt, icountAt, icount] = match;
  if (seq !== undefined) return { seq: integer(option, seq) };
  if (seqAt !== undefined && icountAt !== undefined) {
    return { seq: integer(option, seqAt), icount: integer(option, icountAt) };
  }
  return integer(option, icount ?? "");
}
