/** A row of an answer on a line, for people. */
import { hexAddress, hexOfBytes } from "../../reducers/hex.js";
import type { Instant, RowOfHart } from "../past/query/index.js";

export type QuestionRow = Instant & Readonly<Record<string, unknown>>;

/** `valueText`: how the values before and after are read, which the type of a place may tell. */
export function rowText(
  { seq, icount, ns: _ns, hart, pc, function: name, ...rest }: QuestionRow & Partial<RowOfHart>,
  valueText: (value: unknown) => string = shown,
): string {
  const where = pc === undefined ? "" : `  ${hexAddress(pc)}${name === undefined ? "" : ` ${name}`}`;
  const textOf = (field: string, value: unknown): string => {
    // Of physical memory, as a number, since arithmetic with it is exact.
    if (field === "address" && typeof value === "number") return hexAddress(value);
    return field === "before" || field === "value" ? valueText(value) : shown(value);
  };
  const own = Object.entries(rest).flatMap(([field, value]) =>
    value === undefined ? [] : [`${field}=${textOf(field, value)}`],
  );
  return `${icount.toLocaleString("en").padStart(15)}  seq ${seq.toLocaleString("en")}  hart ${String(hart)}${where}  ${own.join(" ")}`;
}

export const shown = (value: unknown): string => {
  if (typeof value === "bigint") return hexAddress(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(" ")}]`;
  if (value instanceof Uint8Array) return hexOfBytes(value);
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(
      // Of time, as every count: only what a guest holds is hexadecimal.
      ([name, one]) => `${name}=${name === "ns" ? String(one) : shown(one)}`,
    );
    return `{${members.join(" ")}}`;
  }
  return typeof value === "string" && /\s/.test(value) ? JSON.stringify(value) : String(value);
};
