/**
 * BTF as it lies in a kernel, and in a module (Linux, Documentation/bpf/btf.rst): its records and strings, found and
 * checked, not yet understood as types.
 */
import { findBytes } from "./find-bytes.js";

export const BTF_KIND = {
  void: 0,
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  funcProto: 13,
  variable: 14,
  dataSection: 15,
  float: 16,
  declarationTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

export interface BtfRecord {
  readonly kind: number;
  /** Empty: it has none. */
  readonly name: string;
  /** Members, values, parameters or variables that follow it. */
  readonly count: number;
  readonly flag: boolean;
  /** Bytes, or the id of a type, by its kind. */
  readonly sizeOrType: number;
  /** What follows it, in words of 32 bits. */
  readonly word: (index: number) => number;
}

/** BTF_MAX_TYPE */
export const MAX_TYPES = 0xf_ffff;
export const MAX_NAME_BYTES = 512;

/** A kernel's, or a module's behind its kernel's: ids and places of strings then go on from there. */
export class BtfSection {
  private constructor(
    private readonly view: DataView,
    /** Of record `firstId + index`. */
    private readonly places: readonly number[],
    readonly firstId: number,
    private readonly strings: Strings,
    private readonly base: BtfSection | undefined,
  ) {}

  /** Undefined: it is damaged. `bytes` begin with its header, and are not copied. */
  static read(bytes: Uint8Array, base?: BtfSection): BtfSection | undefined {
    const header = headerOf(bytes);
    // A kernel's first string is the empty one; a module's go on behind them.
    if (header === undefined || (base === undefined && bytes[header.strings] !== 0)) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, header.end);
    const firstId = base === undefined ? 1 : base.firstId + base.count;
    const places = placesOf(view, header, MAX_TYPES - firstId);
    if (places === undefined) return undefined;
    const strings = new Strings(bytes.subarray(header.strings, header.stringsEnd), base?.strings);
    return new BtfSection(view, places, firstId, strings, base);
  }

  get count(): number {
    return this.places.length;
  }

  get byteLength(): number {
    return this.view.byteLength;
  }

  /** Undefined: there is none of that id, or it is `void`. */
  record(id: number): BtfRecord | undefined {
    if (id < this.firstId) return this.base?.record(id);
    const { view } = this;
    const place = this.places[id - this.firstId];
    if (place === undefined) return undefined;
    const info = view.getUint32(place + 4, true);
    return {
      kind: kindOf(info),
      name: this.strings.at(view.getUint32(place, true)),
      count: info & 0xffff,
      flag: info >>> 31 === 1,
      sizeOrType: view.getUint32(place + 8, true),
      word: (index) => view.getUint32(place + RECORD_BYTES + 4 * index, true),
    };
  }

  /** By its place, as words of a record have it. */
  string(place: number): string {
    return this.strings.at(place);
  }
}

/**
 * A kernel's own in its bytes: the largest, since a kernel reuses the memory of its initialization, where modules' may
 * lie then. Undefined: there is none, or it is damaged.
 */
export function findBtf(bytes: Uint8Array): Uint8Array | undefined {
  let largest: Uint8Array | undefined;
  for (let at = findBytes(bytes, MAGIC, 0); at >= 0; at = findBytes(bytes, MAGIC, at + 1)) {
    const header = headerOf(bytes.subarray(at));
    // The program that reads types has the magic too.
    if (header === undefined || header.typesEnd === header.types) continue;
    if (header.end > (largest?.length ?? 0)) largest = bytes.subarray(at, at + header.end);
  }
  return largest;
}

/** Magic, version 1, no flags, a header of 24 bytes. */
const HEADER_START = Uint8Array.of(0x9f, 0xeb, 1, 0, 24, 0, 0, 0);
/** Without the zeros that a kernel is full of, the search is faster. */
const MAGIC = HEADER_START.subarray(0, 3);
const HEADER_BYTES = 24;
const RECORD_BYTES = 12;

interface Header {
  readonly types: number;
  readonly typesEnd: number;
  readonly strings: number;
  readonly stringsEnd: number;
  readonly end: number;
}

function headerOf(bytes: Uint8Array): Header | undefined {
  if (bytes.length < HEADER_BYTES || HEADER_START.some((byte, index) => bytes[index] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const types = HEADER_BYTES + view.getUint32(8, true);
  const typesEnd = types + view.getUint32(12, true);
  const strings = HEADER_BYTES + view.getUint32(16, true);
  const stringsEnd = strings + view.getUint32(20, true);
  const end = Math.max(typesEnd, stringsEnd);
  if (types % 4 !== 0 || end > bytes.length) return undefined;
  if (stringsEnd > strings && bytes[stringsEnd - 1] !== 0) return undefined;
  return { types, typesEnd, strings, stringsEnd, end };
}

/** Each record tells by its kind how long it is. */
function placesOf(view: DataView, { types, typesEnd }: Header, most: number): readonly number[] | undefined {
  const places: number[] = [];
  for (let at = types; at < typesEnd;) {
    if (at + RECORD_BYTES > typesEnd) return undefined;
    const info = view.getUint32(at + 4, true);
    const more = FOLLOWING_BYTES[kindOf(info)]?.(info & 0xffff);
    if (more === undefined || places.length >= most) return undefined;
    places.push(at);
    at += RECORD_BYTES + more;
    if (at > typesEnd) return undefined;
  }
  return places;
}

const kindOf = (info: number): number => (info >>> 24) & 0x1f;

const none = (): number => 0;
const one = (bytes: number) => (): number => bytes;
const each =
  (bytes: number) =>
  (count: number): number =>
    bytes * count;

/** By kind, from 0. */
const FOLLOWING_BYTES: readonly (((count: number) => number) | undefined)[] = [
  undefined,
  one(4),
  none,
  one(12),
  each(12),
  each(12),
  each(8),
  none,
  none,
  none,
  none,
  none,
  none,
  each(8),
  one(4),
  each(12),
  none,
  one(4),
  none,
  each(12),
];

class Strings {
  /** Decoding all of them is faster than each by itself. */
  private readonly text: string;
  private readonly start: number;

  constructor(
    bytes: Uint8Array,
    private readonly base: Strings | undefined,
  ) {
    this.text = new TextDecoder("latin1").decode(bytes);
    this.start = base === undefined ? 0 : base.start + base.text.length;
  }

  /** Empty where there is none. */
  at(place: number): string {
    const start = place - this.start;
    if (start < 0) return this.base?.at(place) ?? "";
    return this.text.slice(start, Math.min(this.text.indexOf("\0", start), start + MAX_NAME_BYTES));
  }
}
