/**
 * Segments of an image that a recording carries: a description, then the bytes in pieces. Pieces of zeros are omitted.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { Count, Sha256 } from "../../../reducers/scalars.js";
import type { ImageContents } from "../image-contents.js";
import { canonicalJson } from "./canonical-json.js";
import { MAX_RAW_BYTES } from "./compression.js";
import { LogError, type LogPlace } from "./log-error.js";
import type { SegmentChain } from "./segment-chain.js";
import type { SegmentPlace } from "./segment.js";
import { IMAGES_VERSION } from "./upcast.js";

/** A piece begins with its offset in the image: 64 bits, little-endian. */
export const PIECE_HEADER_BYTES = 8;
/** Small pieces find more zeros, and large ones cost less framing. */
const PIECE_BYTES = 128 * 1024;
export const MAX_PIECE_BYTES = MAX_RAW_BYTES - PIECE_HEADER_BYTES;

const Description = t.readonly(t.type({ sha256: Sha256, size: Count }));
export type ImageDescription = t.TypeOf<typeof Description>;

/** The last piece is always written, so its end is the image's end. Throws what the sink and the image throw. */
export function writeImage(
  chain: SegmentChain,
  place: Pick<SegmentPlace, "firstSeq" | "firstIcount">,
  image: ImageContents,
): void {
  const { sha256, byteLength: size } = image;
  chain.requireOpen();
  chain.requireVersion(IMAGES_VERSION);
  chain.write({ ...place, kind: "image", count: 0 }, new TextEncoder().encode(canonicalJson({ sha256, size })));
  for (let offset = 0; offset < size; offset += PIECE_BYTES) {
    const raw = new Uint8Array(PIECE_HEADER_BYTES + Math.min(PIECE_BYTES, size - offset));
    const bytes = raw.subarray(PIECE_HEADER_BYTES);
    image.read(offset, bytes);
    const isLast = offset + bytes.length === size;
    if (!isLast && isZero(bytes)) continue;
    new DataView(raw.buffer).setBigUint64(0, BigInt(offset), true);
    chain.write({ ...place, kind: "piece", count: 0 }, raw);
  }
}

/** Throws LogError INVALID_IMAGE. */
export const decodeImageDescription = (json: unknown, place: LogPlace): ImageDescription => {
  const result = Description.decode(json);
  if (!isLeft(result)) return result.right;
  const field = result.left[0]?.context.at(-1)?.key;
  throw new LogError("INVALID_IMAGE", "what it says of an image does not decode", {
    ...place,
    ...(field === undefined ? {} : { field }),
  });
};

/** The piece's offset in its image. */
export const offsetOfPiece = (raw: Uint8Array): number =>
  Number(new DataView(raw.buffer, raw.byteOffset, raw.byteLength).getBigUint64(0, true));

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
