/** A row of an answer on a line, for people. */
import { hexAddress, hexOfBytes } from "../../reducers/hex.js";
import type { RowOfHart } from "../past/query/index.js";
import type { QuestionRow } from "./questions.js";

export function rowText({
  seq,
  icount,
  ns: _ns,
  hart,
  pc,
  function: name,
  ...rest
}: QuestionRow & Partial<RowOfHart>): string {
  const where = pc === undefined ? "" : `  ${hexAddress(pc)}${name === undefined ? "" : ` ${name}`}`;
  const own = Object.entries(rest).flatMap(([field, value]) =>
    value === undefined ? [] : [`${field}=${shown(value)}`],
  );
  return `${icount.toLocaleString("en").padStart(15)}  seq ${seq.toLocaleString("en")}  hart ${String(hart)}${where}  ${own.join(" ")}`;
}

export const shown = (value: unknown): string => {
  if (typeof value === "bigint") return hexAddress(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(" ")}]`;
  if (value instanceof Uint8Array) return hexOfBytes(value);
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, one]) => `${name}=${shown(one)}`);
    return `{${members.join(" ")}}`;
  }
  return typeof value === "string" && /\s/.test(value) ? JSON.stringify(value) : String(value);
};
