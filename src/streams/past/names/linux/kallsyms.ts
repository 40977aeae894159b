/**
 * The symbols that a kernel carries for its own use (Linux, scripts/kallsyms.c, kernel/kallsyms.c). Their tables have
 * no header. They are found around the token table, and believed only where all of them fit together.
 *
 *     to 6.3     offsets, relative base, count, names, markers, [numbers by name: since 6.2], tokens
 *     from 6.4   count, names, markers, tokens, offsets, relative base, numbers by name
 */
import { aligned, findTokenTable, TABLE_ALIGNMENT, type TokenTable } from "./token-table.js";

export interface Kallsyms {
  readonly names: readonly string[];
  /** A letter for each, as `nm` has it. */
  readonly kinds: readonly string[];
  /** From the address of the first symbol, ascending. */
  readonly offsets: Uint32Array;
  /** The bytes that this was read from, in those that were searched. */
  readonly start: number;
  readonly end: number;
}

/** A kernel built with everything has some 300,000. */
export const MAX_SYMBOLS = 1 << 20;
/** KSYM_NAME_LEN, with the kind and without the NUL. */
export const MAX_NAME_CHARACTERS = 511;
/** Of all names together: Debian's kernel has 2 MB. */
export const MAX_CHARACTERS = 1 << 26;

/** Places that are tried, and names that are passed, until the tables fit together. In a kernel some 100,000. */
export const MAX_STEPS = 1 << 23;

/** Undefined: there are none, or they are damaged. */
export function readKallsyms(bytes: Uint8Array): Kallsyms | undefined {
  const table = findTokenTable(bytes);
  if (table === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const found of namesBefore({ view, steps: 0 }, table.start)) {
    const offsets = offsetsAround(view, found, table);
    const expanded = offsets === undefined ? undefined : expandNames(bytes, found, table.tokens);
    if (offsets !== undefined && expanded !== undefined) {
      const start = Math.min(found.start, offsets.start);
      const end = Math.max(table.end, offsets.end);
      return { ...expanded, offsets: offsets.values, start, end };
    }
  }
  return undefined;
}

/** Names between two markers. */
const GROUP = 256;
const MARKER_BYTES = 4;
const COUNT_BYTES = 8;
const OFFSET_BYTES = 4;
const BASE_BYTES = 8;
/** A number by name has three bytes. */
const FARTHEST_MARKERS = 3 * MAX_SYMBOLS + MARKER_BYTES * (MAX_SYMBOLS / GROUP) + 2 * TABLE_ALIGNMENT;

interface CompressedNames {
  readonly count: number;
  /** Of their count, then of themselves. */
  readonly start: number;
  readonly names: number;
}

interface Search {
  readonly view: DataView;
  steps: number;
}

/** Markers begin with 0 and ascend; names lie before them. */
function* namesBefore(search: Search, tokens: number): Generator<CompressedNames> {
  const { view } = search;
  const farthest = Math.max(0, tokens - FARTHEST_MARKERS);
  for (let markers = tokens - TABLE_ALIGNMENT; markers >= farthest; markers -= TABLE_ALIGNMENT) {
    if (view.getUint32(markers, true) !== 0) continue;
    const run = ascendingRun(view, markers, tokens);
    // What lies behind the last one may look like one more.
    for (let count = run; count > Math.max(0, run - 3); count -= 1) yield* namesMarkedBy(search, markers, count);
  }
}

/** A name has a length and a kind, and at most as many tokens as its length has room for. */
const LEAST_NAME_BYTES = 2;
const TWO_BYTE_LENGTH = 0x3fff;

function ascendingRun(view: DataView, markers: number, end: number): number {
  let length = 1;
  for (let at = markers; at + 2 * MARKER_BYTES <= end; at += MARKER_BYTES) {
    const step = view.getUint32(at + MARKER_BYTES, true) - view.getUint32(at, true);
    if (step < LEAST_NAME_BYTES * GROUP || step > (TWO_BYTE_LENGTH + 2) * GROUP) break;
    length += 1;
  }
  return length;
}

/** The count lies before the names; it and the names' own lengths must lead to the markers. */
function* namesMarkedBy(search: Search, markers: number, groups: number): Generator<CompressedNames> {
  const { view } = search;
  const lastMarker = view.getUint32(markers + MARKER_BYTES * (groups - 1), true);
  const farthest = Math.max(COUNT_BYTES, markers - lastMarker - FARTHEST_LAST_GROUP);
  const nearest = TABLE_ALIGNMENT * Math.floor((markers - 1 - lastMarker) / TABLE_ALIGNMENT);
  for (let names = nearest; names >= farthest && search.steps <= MAX_STEPS; names -= TABLE_ALIGNMENT) {
    search.steps += 1;
    const start = names - COUNT_BYTES;
    const count = view.getUint32(start, true);
    if (Math.ceil(count / GROUP) !== groups || view.getUint32(start + 4, true) !== 0 || count > MAX_SYMBOLS) continue;
    if (reaches(search, { count, start, names }, markers)) yield { count, start, names };
  }
}

/** The longest that a group of names can be, where each character is a token of its own. */
const FARTHEST_LAST_GROUP = GROUP * (MAX_NAME_CHARACTERS + 2);

/** Whether the names, one after the other, agree with every marker, and end at the first one. */
function reaches(search: Search, { count, names }: CompressedNames, markers: number): boolean {
  const { view } = search;
  let at = names;
  for (let index = 0; index < count; index += 1) {
    search.steps += 1;
    if (index % GROUP === 0 && at - names !== view.getUint32(markers + MARKER_BYTES * (index / GROUP), true))
      return false;
    if (at + 2 > markers) return false;
    at += tokensOf(view, at) + (isLong(view, at) ? 2 : 1);
  }
  return aligned(at) === markers;
}

/** Since 6.1, seven bits a byte, the lower ones first: ULEB128 of at most two bytes. */
const isLong = (view: DataView, at: number): boolean => view.getUint8(at) > 0x7f;
const tokensOf = (view: DataView, at: number): number =>
  isLong(view, at) ? (view.getUint8(at) & 0x7f) | (view.getUint8(at + 1) << 7) : view.getUint8(at);

interface Offsets {
  readonly values: Uint32Array;
  readonly start: number;
  readonly end: number;
}

function offsetsAround(view: DataView, { count, start }: CompressedNames, table: TokenTable): Offsets | undefined {
  const bytes = aligned(OFFSET_BYTES * count);
  return ascendingOffsets(view, aligned(table.end), count) ?? ascendingOffsets(view, start - BASE_BYTES - bytes, count);
}

/** Symbols are sorted by address, and the base is the address of the first one. */
function ascendingOffsets(view: DataView, start: number, count: number): Offsets | undefined {
  const end = start + OFFSET_BYTES * count;
  if (start < 0 || end > view.byteLength) return undefined;
  const values = new Uint32Array(count);
  for (let index = 0, before = 0; index < count; index += 1) {
    const value = view.getUint32(start + OFFSET_BYTES * index, true);
    if (value < before || (index === 0 && value !== 0)) return undefined;
    before = values[index] = value;
  }
  // A row of zeros is no table.
  return count > 1 && values[count - 1] === 0 ? undefined : { values, start, end };
}

function expandNames(
  bytes: Uint8Array,
  { count, names: start }: CompressedNames,
  tokens: readonly string[],
): Pick<Kallsyms, "names" | "kinds"> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names: string[] = [];
  const kinds: string[] = [];
  let characters = 0;
  for (let index = 0, at = start; index < count; index += 1) {
    const end = at + tokensOf(view, at) + (isLong(view, at) ? 2 : 1);
    let name = "";
    for (at += isLong(view, at) ? 2 : 1; at < end; at += 1) name += tokens[bytes[at] ?? 0] ?? "";
    characters += name.length;
    if (name.length > MAX_NAME_CHARACTERS || characters > MAX_CHARACTERS) return undefined;
    kinds.push(name.charAt(0));
    names.push(name.slice(1));
  }
  return { names, kinds };
}
