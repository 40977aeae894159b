/** A row of an answer as a page shows it: when, where, one line, and the rest by name. */
import { hexAddress } from "../../src/reducers/hex.js";
import type { StreamEvent } from "../../src/reducers/stream-event.js";
import { shown, type QuestionRow } from "../../src/streams/session/row-text.js";
import type { PageRow } from "../protocol.js";

/** Of one value: a page shows lines. */
const TEXT_SHOWN = 400;

/** `text`: what happened, where its own words say it better than its members do. */
export function pageRow(kind: PageRow["kind"], row: QuestionRow, name: string, text?: string): PageRow {
  const { seq, icount, ns, hart, pc, function: within, line, ...rest } = row;
  const details = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([member, value]) => ({ name: member, text: cut(valueText(member, value)) }));
  return {
    kind,
    seq,
    icount,
    ns: Number(ns),
    hart: typeof hart === "number" ? hart : null,
    name,
    text: cut(text ?? details.map((one) => `${one.name}=${one.text}`).join(" ")),
    pc: typeof pc === "bigint" ? pc : null,
    function: typeof within === "string" ? within : null,
    line: typeof line === "string" ? line : null,
    details,
  };
}

/** A letter is what one looks for among keys that were typed: there may be room for no more. */
export const eventRow = ({ type, ...rest }: StreamEvent): PageRow =>
  pageRow("events", { ...rest }, type, "byte" in rest && isPrintable(rest.byte) ? letter(rest.byte) : undefined);

function valueText(member: string, value: unknown): string {
  // Of physical memory, as a number, since arithmetic with it is exact.
  if (member === "address" && typeof value === "number") return hexAddress(value);
  // Somebody typed it.
  if (member === "byte" && isPrintable(value)) return `${shown(value)} ${letter(value)}`;
  return shown(value);
}

const isPrintable = (value: unknown): value is number => typeof value === "number" && value >= 0x20 && value <= 0x7e;

const letter = (byte: number): string => `'${String.fromCharCode(byte)}'`;

const cut = (text: string): string => (text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN - 1)}…` : text);
