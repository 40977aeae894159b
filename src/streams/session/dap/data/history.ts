/** What was written to a variable, the last first: a page of it. */
import { bytesOfInteger } from "../../../../machine/little-endian.js";
import { hexAddress } from "../../../../reducers/hex.js";
import { physicalParts } from "../../../past/names/memory.js";
import { PlaceError } from "../../../past/names/place-error.js";
import { locate, type Located } from "../../../past/names/place.js";
import { valueOfBytes, valueText } from "../../../past/names/value.js";
import { writes, type Write } from "../../../past/query/index.js";
import { placeOf } from "../../place-words.js";
import type { Past } from "../../target/target.js";
import type { HistoryAnswer, HistoryArguments, HistoryRow } from "../own-requests.js";
import { momentOf } from "../moment.js";
import { partAt } from "./part-at.js";
import type { View } from "./shown.js";

/** Of one answer. */
export const MAX_HISTORY_ROWS = 1000;
const DEFAULT_ROWS = 100;

/** @throws {PlaceError} where it lies in no memory @throws {MonitorError} where it is given up */
export async function historyOf(
  past: Past,
  view: View,
  { expression, before, count = DEFAULT_ROWS }: Omit<HistoryArguments, "frameId">,
): Promise<HistoryAnswer> {
  const place = physicalPlace(expression, view);
  const { recording } = past;
  const until = before === undefined ? view.at.position : placeOf(before)(recording);
  const wanted = Math.min(count, MAX_HISTORY_ROWS);
  const of = { address: place.address, bytes: place.located.bytes };
  // One more says whether there are more.
  const found = await past.rows(writes(recording, { of, until }).latest$(wanted + 1), wanted + 1);
  const rows = found.slice(0, wanted);
  const last = rows.at(-1);
  return {
    rows: rows.map((row) => described(row, place)),
    ...(found.length > wanted && last !== undefined && { next: momentOf(last) }),
  };
}

interface PhysicalPlace {
  readonly located: Located;
  readonly address: number;
}

function physicalPlace(expression: string, view: View): PhysicalPlace {
  const located = locate(expression, view);
  const { location, bytes } = located;
  if (location.kind !== "memory") {
    throw new PlaceError("NOT_A_PLACE", `${expression} is in no memory here, so nothing tells what was written to it`);
  }
  const [first, ...others] = physicalParts(() => view.at, location.address, bytes) ?? [];
  if (first === undefined)
    throw new PlaceError("CANNOT_ACCESS", `nothing is mapped at ${hexAddress(location.address)}`);
  let end = first.address + first.bytes;
  for (const part of others) {
    if (part.address !== end) {
      throw new PlaceError("NOT_A_PLACE", `${expression} is on pages that are apart: ask about a part of it`);
    }
    end += part.bytes;
  }
  return { located, address: first.address };
}

function described(row: Write, { located, address }: PhysicalPlace): HistoryRow {
  const { by, hart, function: called, line } = row;
  const offset = row.address - address;
  const isWhole = offset <= 0 && offset + row.bytes >= located.bytes;
  const common = {
    at: momentOf(row),
    ...(called !== undefined && { function: called }),
    ...(line !== undefined && { line }),
    by,
    hart,
  };
  const bytesOf = (value: bigint): Uint8Array => bytesOfInteger(value, row.bytes);
  if (isWhole) {
    const text = (value: bigint): string => {
      const own = bytesOf(value).subarray(-offset, -offset + located.bytes);
      return valueText(valueOfBytes(located, own), located.type);
    };
    return { ...common, old: text(row.before), new: text(row.value) };
  }
  const part = located.type && partAt(located.type, offset, row.bytes);
  const text = (value: bigint): string =>
    part === undefined ? hexAddress(value) : valueText(valueOfBytes(part, bytesOf(value)), part.type);
  return { ...common, old: text(row.before), new: text(row.value), part: part?.name ?? offsetText(offset) };
}

const offsetText = (offset: number): string => (offset < 0 ? String(offset) : `+${String(offset)}`);
