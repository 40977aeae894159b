/**
 * The framing of a saved state: a prologue, then sections by name, each compressed and guarded by itself.
 * No section reads another's, so their order says nothing.
 */
import { checksum } from "../log/checksum.js";
import type { ByteSource } from "../log/byte-source.js";
import { compress, decompress, MAX_RAW_BYTES, MAX_STORED_BYTES } from "../log/compression.js";
import { StateError } from "./state-error.js";

export interface Section {
  readonly name: string;
  /** At most 256 KiB. */
  readonly raw: Uint8Array;
}

/** Sections that are made as they are asked for. */
export interface Sections extends Iterable<Section> {
  readonly count: number;
}

/** A section that was found: its header is sound, its contents are yet to be read. */
export interface FoundSection {
  readonly name: string;
  readonly rawSize: number;
  readonly rawChecksum: number;
  readonly storedSize: number;
  readonly storedChecksum: number;
  /** Of its header, and of what is stored. */
  readonly offset: number;
  readonly storedAt: number;
}

export interface FoundSections {
  /** The hash of the state that the sections make. */
  readonly stateHash: bigint;
  readonly found: readonly FoundSection[];
}

/** Of a state with 256 GiB in use. */
export const MAX_SECTIONS = 1 << 20;

const STATE_VERSION = 1;

const MAGIC = new TextEncoder().encode("FOLDSAVE");
/** Little-endian: magic, u8 version, 3 zero bytes, u32 sections, u64 state hash, u32 checksum of these. */
const PROLOGUE = { version: 8, sections: 12, stateHash: 16, checksum: 24, bytes: 28 } as const;
/** After u8 length and name: u32 raw size, stored size, raw checksum, stored checksum, checksum of all these. */
const HEADER = { rawSize: 0, storedSize: 4, rawChecksum: 8, storedChecksum: 12, checksum: 16, bytes: 20 } as const;

/** The bytes of a saved state, piece by piece. @throws {StateError} for more sections than can be. */
export function* encodeSections(stateHash: bigint, sections: Sections): Generator<Uint8Array> {
  if (sections.count > MAX_SECTIONS) throw tooMany(sections.count);
  yield encodePrologue(stateHash, sections.count);
  for (const section of sections) yield* encodeSection(section);
}

/**
 * Finds them, and reads none. @throws {StateError} unless all headers are as they were saved, and nothing else is
 * there.
 */
export function findSections(source: ByteSource): FoundSections {
  const { stateHash, count } = decodePrologue(source);
  if (count > MAX_SECTIONS) throw tooMany(count);
  const found: FoundSection[] = [];
  const names = new Set<string>();
  let offset: number = PROLOGUE.bytes;
  while (found.length < count) {
    const section = findSection(source, offset);
    if (names.has(section.name)) {
      throw new StateError("UNEXPECTED", "it is there twice", { section: section.name, offset });
    }
    names.add(section.name);
    found.push(section);
    offset = section.storedAt + section.storedSize;
  }
  if (offset !== source.size) throw new StateError("UNEXPECTED", "bytes follow that are not the state's", { offset });
  return { stateHash, found };
}

/** @throws {StateError} unless every byte is as it was saved. */
export function readSection(source: ByteSource, section: FoundSection): Section {
  const { name, rawSize, rawChecksum, storedSize, storedChecksum, offset, storedAt } = section;
  const damaged = (): StateError =>
    new StateError("DAMAGED", "its bytes were changed; save it again", { section: name, offset });
  const stored = source.read(storedAt, storedSize);
  if (checksum(stored) !== storedChecksum) throw damaged();
  const raw = decompress(stored, rawSize);
  if (raw === undefined || checksum(raw) !== rawChecksum) throw damaged();
  return { name, raw };
}

export const inTurn = (...lists: readonly Sections[]): Sections => ({
  count: lists.reduce((count, list) => count + list.count, 0),
  *[Symbol.iterator]() {
    for (const list of lists) yield* list;
  },
});

export const listed = (sections: readonly Section[]): Sections => ({
  count: sections.length,
  [Symbol.iterator]: () => sections[Symbol.iterator](),
});

/** What tells a saved state from any other file. */
export const beginsAsState = (bytes: Uint8Array): boolean =>
  bytes.length >= MAGIC.length && MAGIC.every((byte, index) => bytes[index] === byte);

function encodePrologue(stateHash: bigint, count: number): Uint8Array {
  const prologue = new Uint8Array(PROLOGUE.bytes);
  const view = new DataView(prologue.buffer);
  prologue.set(MAGIC);
  view.setUint8(PROLOGUE.version, STATE_VERSION);
  view.setUint32(PROLOGUE.sections, count, true);
  view.setBigUint64(PROLOGUE.stateHash, stateHash, true);
  view.setUint32(PROLOGUE.checksum, checksum(prologue.subarray(0, PROLOGUE.checksum)), true);
  return prologue;
}

function decodePrologue(source: ByteSource): { stateHash: bigint; count: number } {
  const bytes = source.read(0, Math.min(PROLOGUE.bytes, source.size));
  if (!beginsAsState(bytes)) {
    throw new StateError("NOT_A_STATE", "it does not begin as one; give a file that was saved by foldvm");
  }
  if (bytes.length < PROLOGUE.bytes) throw cutOff(0);
  const view = viewOf(bytes);
  if (checksum(bytes.subarray(0, PROLOGUE.checksum)) !== view.getUint32(PROLOGUE.checksum, true)) {
    throw new StateError("DAMAGED", "its first bytes were changed; save it again", { offset: 0 });
  }
  const version = view.getUint8(PROLOGUE.version);
  if (version !== STATE_VERSION) {
    throw new StateError(
      "UNSUPPORTED_VERSION",
      `it has version ${String(version)}, this foldvm reads ${String(STATE_VERSION)}; load it with the foldvm that saved it`,
    );
  }
  return {
    stateHash: view.getBigUint64(PROLOGUE.stateHash, true),
    count: view.getUint32(PROLOGUE.sections, true),
  };
}

function encodeSection({ name, raw }: Section): readonly Uint8Array[] {
  const stored = compress(raw);
  const named = new TextEncoder().encode(name);
  const header = new Uint8Array(1 + named.length + HEADER.bytes);
  header[0] = named.length;
  header.set(named, 1);
  const start = 1 + named.length;
  const view = new DataView(header.buffer, start);
  view.setUint32(HEADER.rawSize, raw.length, true);
  view.setUint32(HEADER.storedSize, stored.length, true);
  view.setUint32(HEADER.rawChecksum, checksum(raw), true);
  view.setUint32(HEADER.storedChecksum, checksum(stored), true);
  view.setUint32(HEADER.checksum, checksum(header.subarray(0, start + HEADER.checksum)), true);
  return [header, stored];
}

function findSection(source: ByteSource, offset: number): FoundSection {
  const bytes = source.read(offset, Math.min(1 + MAX_NAME_BYTES + HEADER.bytes, source.size - offset));
  const start = 1 + (bytes[0] ?? 0);
  const end = start + HEADER.bytes;
  if (end > bytes.length) throw cutOff(offset);
  const view = viewOf(bytes.subarray(start, end));
  const field = (at: number): number => view.getUint32(at, true);
  if (checksum(bytes.subarray(0, start + HEADER.checksum)) !== field(HEADER.checksum)) {
    throw new StateError("DAMAGED", "the header of a section was changed; save it again", { offset });
  }
  const name = UTF8.decode(bytes.subarray(1, start));
  const [rawSize, storedSize] = [field(HEADER.rawSize), field(HEADER.storedSize)];
  if (rawSize > MAX_RAW_BYTES || storedSize > MAX_STORED_BYTES)
    throw new StateError("INVALID", "it is larger than one can be", { section: name, offset });
  if (offset + end + storedSize > source.size) throw cutOff(offset);
  const [rawChecksum, storedChecksum] = [field(HEADER.rawChecksum), field(HEADER.storedChecksum)];
  return { name, rawSize, rawChecksum, storedSize, storedChecksum, offset, storedAt: offset + end };
}

const MAX_NAME_BYTES = 255;
const UTF8 = new TextDecoder();

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const tooMany = (count: number): StateError =>
  new StateError("INVALID", `it has ${String(count)} sections, and at most ${String(MAX_SECTIONS)} can be`);

const cutOff = (offset: number): StateError =>
  new StateError("INCOMPLETE", "it ends before its sections do; save it again", { offset });
