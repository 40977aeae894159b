/** The first bytes of a state index: what it is of, and how much follows. */
import { checksum } from "../log/checksum.js";
import type { ByteSource } from "../log/byte-source.js";
import { StateIndexError } from "./state-index-error.js";

/** Whose states they are. */
export interface IndexOwner {
  /** What tells this run from any other: `Log.identity`. */
  readonly identity: bigint;
  /** The hash of the state that the recording begins with. */
  readonly startHash: bigint;
}

export interface Prologue extends IndexOwner {
  /** Of the whole file. */
  readonly byteLength: number;
  /** Of the directory. */
  readonly chunks: number;
}

const VERSION = 1;

const MAGIC = new TextEncoder().encode("STATEIDX");
/** Little-endian: magic, u8 version, 3 zero bytes, u32 chunks, u64 each of the rest, u32 checksum of these. */
const AT = { version: 8, reserved: 9, chunks: 12, identity: 16, startHash: 24, byteLength: 32, checksum: 40 } as const;
export const PROLOGUE_BYTES = 44;

/** Whether bytes begin as a state index does, of whatever version. */
export const beginsAsIndex = (bytes: Uint8Array): boolean => MAGIC.every((byte, at) => bytes[at] === byte);

export function encodePrologue({ identity, startHash, byteLength, chunks }: Prologue): Uint8Array {
  const bytes = new Uint8Array(PROLOGUE_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint8(AT.version, VERSION);
  view.setUint32(AT.chunks, chunks, true);
  view.setBigUint64(AT.identity, identity, true);
  view.setBigUint64(AT.startHash, startHash, true);
  view.setBigUint64(AT.byteLength, BigInt(byteLength), true);
  view.setUint32(AT.checksum, checksum(bytes.subarray(0, AT.checksum)), true);
  return bytes;
}

/** @throws {StateIndexError} unless it is whole, and of that recording. */
export function readPrologue(source: ByteSource, owner: IndexOwner): Prologue {
  const bytes = source.read(0, Math.min(PROLOGUE_BYTES, source.size));
  if (!beginsAsIndex(bytes)) {
    throw new StateIndexError("NOT_AN_INDEX", "it does not begin as one");
  }
  const version = bytes[AT.version] ?? VERSION;
  // Before the checksum: another version may have another prologue.
  if (version !== VERSION) {
    const versions = `it has version ${String(version)}, this foldvm reads ${String(VERSION)}`;
    throw new StateIndexError("UNSUPPORTED_VERSION", versions);
  }
  if (bytes.length < PROLOGUE_BYTES) throw new StateIndexError("DAMAGED", "it ends within its first bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset, PROLOGUE_BYTES);
  if (checksum(bytes.subarray(0, AT.checksum)) !== view.getUint32(AT.checksum, true)) {
    throw new StateIndexError("DAMAGED", "its first bytes were changed");
  }
  const prologue = {
    chunks: view.getUint32(AT.chunks, true),
    identity: view.getBigUint64(AT.identity, true),
    startHash: view.getBigUint64(AT.startHash, true),
    byteLength: Number(view.getBigUint64(AT.byteLength, true)),
  };
  if (prologue.identity !== owner.identity || prologue.startHash !== owner.startHash) {
    throw new StateIndexError("OTHER_RECORDING", "it is of another recording, or of this one as it was before");
  }
  if (prologue.byteLength !== source.size) {
    const sizes = `it has ${String(source.size)} bytes, and was written with ${String(prologue.byteLength)}`;
    throw new StateIndexError("DAMAGED", sizes);
  }
  return prologue;
}
