/**
 * The header of a qcow2 image, versions 2 and 3 (QEMU's docs/interop/qcow2.txt). Unsupported features are refused by
 * name.
 */
import type { DiskImage } from "../../../machine/disk/disk-image.js";
import { ImageError } from "../images.js";

export interface Qcow2Header {
  readonly clusterBits: number;
  /** The size of the disk. */
  readonly sizeBytes: number;
  readonly l1Entries: number;
  readonly l1Offset: number;
  /** As stored: a path relative to the image's folder. */
  readonly backingFile: string | undefined;
  readonly backingFormat: string | undefined;
}

const MAGIC = 0x5146_49fb;
const V2_BYTES = 72;
const V3_BYTES = 104;
const MAX_NAME_BYTES = 1023;
/** A disk of 16 TiB in clusters of 64 KiB has 32,768 entries; QEMU's limit is 32 MiB of them. */
const MAX_L1_ENTRIES = 1 << 22;
const L1_ENTRY_BYTES = 8;

export const isQcow2 = (image: DiskImage): boolean =>
  image.byteLength >= 4 && viewOf(image, 0, 4).getUint32(0) === MAGIC;

/** @throws {ImageError} */
export function readHeader(image: DiskImage, name: string): Qcow2Header {
  const refuse = (why: string): never => {
    throw new ImageError("IMAGE_UNSUPPORTED", `${name} can't be used as a qcow2 image: ${why}`);
  };
  if (!isQcow2(image)) return refuse("it does not begin as one; say format=raw if it is a raw image");
  const view = viewOf(image, 0, V3_BYTES + 1);
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3) return refuse(`it has version ${String(version)}; 2 and 3 are known`);
  const headerLength = version === 2 ? V2_BYTES : view.getUint32(100);
  if (version === 3 && headerLength < V3_BYTES) return refuse("its header is cut short");
  const extensions = readExtensions(image, headerLength);
  if (version === 3) {
    const unknown = unknownFeature(view.getBigUint64(72), extensions.featureNames);
    if (unknown !== undefined) return refuse(unknown);
    if (headerLength > V3_BYTES && view.getUint8(V3_BYTES) !== 0)
      return refuse("it is compressed by another method than zlib; copy it with qemu-img convert -O qcow2");
  }
  if (view.getUint32(32) !== 0) return refuse("it is encrypted; decrypt it with qemu-img convert");
  const clusterBits = view.getUint32(20);
  if (clusterBits < 9 || clusterBits > 21) return refuse(`its clusters have 2^${String(clusterBits)} bytes`);
  const sizeBytes = Number(view.getBigUint64(24));
  const l1Entries = view.getUint32(36);
  const l1Needed = Math.ceil(sizeBytes / 2 ** (2 * clusterBits - 3));
  if (l1Entries < l1Needed || l1Entries > MAX_L1_ENTRIES)
    return refuse(`its L1 table has ${String(l1Entries)} entries, and needs ${String(l1Needed)}; see qemu-img check`);
  const l1Offset = Number(view.getBigUint64(40));
  if (l1Offset + l1Entries * L1_ENTRY_BYTES > image.byteLength)
    return refuse("its L1 table lies behind its end; see qemu-img check");
  const nameOffset = Number(view.getBigUint64(8));
  const nameLength = view.getUint32(16);
  if (nameLength > MAX_NAME_BYTES) return refuse("the name of its backing file is too long");
  if (nameOffset + nameLength > image.byteLength) return refuse("the name of its backing file lies behind its end");
  return {
    clusterBits,
    sizeBytes,
    l1Entries,
    l1Offset,
    backingFile: nameOffset === 0 ? undefined : textAt(image, nameOffset, nameLength),
    backingFormat: extensions.backingFormat,
  };
}

/** Bit numbers of the incompatible features that do not matter to a reader. DIRTY: the refcounts are out of date. */
const DIRTY = 0;
const COMPRESSION_TYPE = 3;
const INCOMPATIBLE: Readonly<Record<number, string>> = {
  1: "it is marked corrupt; repair it with qemu-img check -r all",
  2: "its data are in another file; copy it with qemu-img convert -O qcow2",
  4: "it has subclusters (extended_l2); copy it with qemu-img convert -O qcow2",
};

const unknownFeature = (features: bigint, names: ReadonlyMap<number, string>): string | undefined => {
  for (let bit = 0; bit < 64; bit += 1) {
    // The compression type has its own header field.
    if ((features & (1n << BigInt(bit))) === 0n || bit === DIRTY || bit === COMPRESSION_TYPE) continue;
    const name = names.get(bit);
    return (
      INCOMPATIBLE[bit] ??
      `it needs feature ${String(bit)}${name === undefined ? "" : ` (${name})`}, which is unknown here`
    );
  }
  return undefined;
};

interface Extensions {
  readonly backingFormat: string | undefined;
  readonly featureNames: ReadonlyMap<number, string>;
}

const EXTENSION = { end: 0, backingFormat: 0xe279_2aca, featureNames: 0x6803_f857 } as const;
/** An entry is a type, a bit, and a name padded with zeros. */
const FEATURE_NAME_BYTES = 48;
/** One name for each bit of the three feature sets. */
const MAX_FEATURE_NAMES = 3 * 64;
const MAX_EXTENSIONS = 64;

const readExtensions = (image: DiskImage, start: number): Extensions => {
  let backingFormat: string | undefined;
  let featureNames: ReadonlyMap<number, string> = new Map();
  let at = start;
  for (let count = 0; count < MAX_EXTENSIONS; count += 1) {
    const header = viewOf(image, at, 8);
    const [type, length] = [header.getUint32(0), header.getUint32(4)];
    if (type === EXTENSION.end || at + 8 + length > image.byteLength) break;
    if (type === EXTENSION.backingFormat) backingFormat = textAt(image, at + 8, Math.min(length, MAX_NAME_BYTES));
    if (type === EXTENSION.featureNames) featureNames = readFeatureNames(image, at + 8, length);
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return { backingFormat, featureNames };
};

const readFeatureNames = (image: DiskImage, start: number, length: number): ReadonlyMap<number, string> => {
  const names = new Map<number, string>();
  const count = Math.min(Math.floor(length / FEATURE_NAME_BYTES), MAX_FEATURE_NAMES);
  for (let index = 0; index < count; index += 1) {
    const at = start + index * FEATURE_NAME_BYTES;
    const named = viewOf(image, at, 2);
    // Type 0 is an incompatible feature.
    if (named.getUint8(0) === 0) names.set(named.getUint8(1), textAt(image, at + 2, FEATURE_NAME_BYTES - 2));
  }
  return names;
};

const viewOf = (image: DiskImage, offset: number, length: number): DataView => {
  const bytes = new Uint8Array(length);
  image.read(offset, bytes);
  return new DataView(bytes.buffer);
};

const textAt = (image: DiskImage, offset: number, length: number): string =>
  new TextDecoder().decode(viewOf(image, offset, length)).replace(/\0.*$/s, "");
