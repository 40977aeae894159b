/** The framing of a segment: 52 bytes that say what follows, guard it, and tie it to the segment before. */
import { checksum } from "./checksum.js";
import { compress } from "./compression.js";

export const SEGMENT_HEADER_BYTES = 52;

const KIND_CODES = { header: 1, events: 2, end: 3, snapshot: 4, state: 5, forgotten: 6, image: 7, piece: 8 } as const;

/** What may stand anywhere behind the header, also behind the end. */
export const SNAPSHOT_KINDS = ["snapshot", "state", "forgotten"] as const;
/** What carries an image along. */
const IMAGE_KINDS = ["image", "piece"] as const;
const KINDS_ON_THE_WAY = ["events", "end", ...SNAPSHOT_KINDS, ...IMAGE_KINDS] as const;
export const isSnapshotKind = (kind: SegmentKind): boolean => SNAPSHOT_KINDS.some((known) => known === kind);

export const isImageKind = (kind: SegmentKind): boolean => IMAGE_KINDS.some((known) => known === kind);

export type SegmentKind = keyof typeof KIND_CODES;

/** What places a segment in its recording. */
export interface SegmentPlace {
  readonly kind: SegmentKind;
  readonly version: number;
  /** The header checksum of the segment before, which covers its own chain: so each covers all that came before. */
  readonly chain: number;
  /** The first event in the segment; where it holds none, the one that would come next. */
  readonly firstSeq: number;
  readonly firstIcount: number;
  readonly count: number;
}

export interface SegmentHeader extends SegmentPlace {
  readonly rawSize: number;
  readonly storedSize: number;
  readonly rawChecksum: number;
  readonly storedChecksum: number;
  readonly headerChecksum: number;
}

/** The segment as it stands in the file, and the chain that the next one carries. */
export const encodeSegment = (place: SegmentPlace, raw: Uint8Array): { bytes: Uint8Array; headerChecksum: number } => {
  const stored = compress(raw);
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES + stored.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(OFFSETS.magic, MAGIC);
  view.setUint8(OFFSETS.kind, KIND_CODES[place.kind]);
  view.setUint8(OFFSETS.version, place.version);
  view.setUint32(OFFSETS.chain, place.chain, true);
  view.setBigUint64(OFFSETS.firstSeq, BigInt(place.firstSeq), true);
  view.setBigUint64(OFFSETS.firstIcount, BigInt(place.firstIcount), true);
  view.setUint32(OFFSETS.count, place.count, true);
  view.setUint32(OFFSETS.rawSize, raw.length, true);
  view.setUint32(OFFSETS.storedSize, stored.length, true);
  view.setUint32(OFFSETS.rawChecksum, checksum(raw), true);
  view.setUint32(OFFSETS.storedChecksum, checksum(stored), true);
  const headerChecksum = checksum(bytes.subarray(0, OFFSETS.headerChecksum));
  view.setUint32(OFFSETS.headerChecksum, headerChecksum, true);
  bytes.set(stored, SEGMENT_HEADER_BYTES);
  return { bytes, headerChecksum };
};

/** What 52 bytes say, or the field in which they are no segment header. */
export const decodeSegmentHeader = (bytes: Uint8Array): SegmentHeader | { readonly fault: keyof typeof OFFSETS } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  const headerChecksum = view.getUint32(OFFSETS.headerChecksum, true);
  if (view.getUint32(OFFSETS.magic) !== MAGIC) return { fault: "magic" };
  if (checksum(bytes.subarray(0, OFFSETS.headerChecksum)) !== headerChecksum) return { fault: "headerChecksum" };
  const kindCode = view.getUint8(OFFSETS.kind);
  const kind = KINDS.find((candidate) => KIND_CODES[candidate] === kindCode);
  const firstSeq = Number(view.getBigUint64(OFFSETS.firstSeq, true));
  const firstIcount = Number(view.getBigUint64(OFFSETS.firstIcount, true));
  if (kind === undefined) return { fault: "kind" };
  if (view.getUint16(OFFSETS.reserved) !== 0) return { fault: "reserved" };
  if (!Number.isSafeInteger(firstSeq)) return { fault: "firstSeq" };
  if (!Number.isSafeInteger(firstIcount)) return { fault: "firstIcount" };
  return {
    kind,
    version: view.getUint8(OFFSETS.version),
    chain: view.getUint32(OFFSETS.chain, true),
    firstSeq,
    firstIcount,
    count: view.getUint32(OFFSETS.count, true),
    rawSize: view.getUint32(OFFSETS.rawSize, true),
    storedSize: view.getUint32(OFFSETS.storedSize, true),
    rawChecksum: view.getUint32(OFFSETS.rawChecksum, true),
    storedChecksum: view.getUint32(OFFSETS.storedChecksum, true),
    headerChecksum,
  };
};

/** "FOLD" */
const MAGIC = 0x464f_4c44;

const KINDS = Object.keys(KIND_CODES) as SegmentKind[];

/** Little-endian, but for the magic, which reads as letters. */
export const OFFSETS = {
  magic: 0,
  kind: 4,
  version: 5,
  reserved: 6,
  chain: 8,
  firstSeq: 12,
  firstIcount: 20,
  count: 28,
  rawSize: 32,
  storedSize: 36,
  rawChecksum: 40,
  storedChecksum: 44,
  headerChecksum: 48,
} as const;

/** Whether fewer than 52 bytes can be how the segment after `previous` begins: a write that was cut off. */
export const canBeginNextSegment = (
  bytes: Uint8Array,
  next: NextSegment,
  kinds: readonly SegmentKind[] = KINDS_ON_THE_WAY,
): boolean =>
  kinds.some((kind) => {
    const expected = new Uint8Array(OFFSETS.firstIcount);
    const view = new DataView(expected.buffer);
    view.setUint32(OFFSETS.magic, MAGIC);
    view.setUint8(OFFSETS.kind, KIND_CODES[kind]);
    view.setUint8(OFFSETS.version, bytes[OFFSETS.version] ?? next.version);
    view.setUint32(OFFSETS.chain, next.chain, true);
    view.setBigUint64(OFFSETS.firstSeq, BigInt(next.firstSeq), true);
    if ((bytes[OFFSETS.version] ?? next.version) < next.version) return false;
    return expected.every((byte, index) => index >= bytes.length || bytes[index] === byte);
  });

/** What is known of a segment before it is read. */
export type NextSegment = Pick<SegmentHeader, "version" | "chain" | "firstSeq">;

export const nextAfter = ({ version, headerChecksum, firstSeq, count }: SegmentHeader): NextSegment => ({
  version,
  chain: headerChecksum,
  firstSeq: firstSeq + count,
});

/** The magic at the start of a file: what tells a recording from any other file. */
export const beginsWithMagic = (bytes: Uint8Array): boolean =>
  [...new TextEncoder().encode("FOLD")].every((byte, index) => index >= bytes.length || bytes[index] === byte);

/** Whether bytes begin as a recording does. */
export const isRecording = (bytes: Uint8Array): boolean => bytes.length >= OFFSETS.kind && beginsWithMagic(bytes);
