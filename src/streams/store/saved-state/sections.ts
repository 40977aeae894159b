/**
 * The framing of a saved state: a prologue, then sections by name, each compressed and guarded by itself.
 * No section reads another's, so their order says nothing.
 */
import { checksum } from "../log/checksum.js";
import { compress, decompress, MAX_STORED_BYTES } from "../log/compression.js";
import { StateError } from "./state-error.js";

export interface Section {
  readonly name: string;
  /** At most 256 KiB. */
  readonly raw: Uint8Array;
}

export interface Framed {
  /** The hash of the state that the sections make. */
  readonly stateHash: bigint;
  readonly sections: readonly Section[];
}

const STATE_VERSION = 1;

const MAGIC = new TextEncoder().encode("FOLDSAVE");
/** Little-endian: magic, u8 version, 3 zero bytes, u32 sections, u64 state hash, u32 checksum of these. */
const PROLOGUE = { version: 8, sections: 12, stateHash: 16, checksum: 24, bytes: 28 } as const;
/** After u8 length and name: u32 raw size, stored size, raw checksum, stored checksum, checksum of all these. */
const HEADER = { rawSize: 0, storedSize: 4, rawChecksum: 8, storedChecksum: 12, checksum: 16, bytes: 20 } as const;

export function encodeSections({ stateHash, sections }: Framed): Uint8Array {
  const prologue = new Uint8Array(PROLOGUE.bytes);
  const view = new DataView(prologue.buffer);
  prologue.set(MAGIC);
  view.setUint8(PROLOGUE.version, STATE_VERSION);
  view.setUint32(PROLOGUE.sections, sections.length, true);
  view.setBigUint64(PROLOGUE.stateHash, stateHash, true);
  view.setUint32(PROLOGUE.checksum, checksum(prologue.subarray(0, PROLOGUE.checksum)), true);
  return concatenated([prologue, ...sections.flatMap(encodeSection)]);
}

/** @throws {StateError} unless every byte is as it was saved. */
export function decodeSections(bytes: Uint8Array): Framed {
  const { stateHash, count } = decodePrologue(bytes);
  const sections: Section[] = [];
  let offset: number = PROLOGUE.bytes;
  while (sections.length < count) {
    const { section, end } = decodeSection(bytes, offset);
    if (sections.some(({ name }) => name === section.name)) {
      throw new StateError("UNEXPECTED", "it is there twice", { section: section.name, offset });
    }
    sections.push(section);
    offset = end;
  }
  if (offset !== bytes.length) throw new StateError("UNEXPECTED", "bytes follow that are not the state's", { offset });
  return { stateHash, sections };
}

/** What tells a saved state from any other file. */
export const beginsAsState = (bytes: Uint8Array): boolean =>
  bytes.length >= MAGIC.length && MAGIC.every((byte, index) => bytes[index] === byte);

function decodePrologue(bytes: Uint8Array): { stateHash: bigint; count: number } {
  if (!beginsAsState(bytes)) {
    throw new StateError("NOT_A_STATE", "it does not begin as one; give a file that was saved by foldvm");
  }
  if (bytes.length < PROLOGUE.bytes) throw cutOff(0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, PROLOGUE.bytes);
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

function encodeSection({ name, raw }: Section): Uint8Array[] {
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

function decodeSection(bytes: Uint8Array, offset: number): { section: Section; end: number } {
  const start = offset + 1 + (bytes[offset] ?? 0);
  const headerEnd = start + HEADER.bytes;
  if (headerEnd > bytes.length) throw cutOff(offset);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, HEADER.bytes);
  const field = (at: number): number => view.getUint32(at, true);
  if (checksum(bytes.subarray(offset, start + HEADER.checksum)) !== field(HEADER.checksum)) {
    throw new StateError("DAMAGED", "the header of a section was changed; save it again", { offset });
  }
  const name = new TextDecoder().decode(bytes.subarray(offset + 1, start));
  const end = headerEnd + field(HEADER.storedSize);
  const place = { section: name, offset };
  if (field(HEADER.storedSize) > MAX_STORED_BYTES)
    throw new StateError("INVALID", "it is larger than one can be", place);
  if (end > bytes.length) throw cutOff(offset);
  const stored = bytes.subarray(headerEnd, end);
  const damaged = new StateError("DAMAGED", "its bytes were changed; save it again", place);
  if (checksum(stored) !== field(HEADER.storedChecksum)) throw damaged;
  const raw = decompress(stored, field(HEADER.rawSize));
  if (raw === undefined || checksum(raw) !== field(HEADER.rawChecksum)) throw damaged;
  return { section: { name, raw }, end };
}

const cutOff = (offset: number): StateError =>
  new StateError("INCOMPLETE", "it ends before its sections do; save it again", { offset });

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
