/**
 * Finds the images that a recording carries while its segments are read. Their bytes are read later, piece by piece.
 */
import type { ImageContents } from "../image-contents.js";
import type { ByteSource } from "./byte-source.js";
import type { ImageDigest } from "./header.js";
import { decodeImageDescription, offsetOfPiece, PIECE_HEADER_BYTES, type ImageDescription } from "./image-segments.js";
import { LogError, type LogPlace } from "./log-error.js";
import { jsonOf } from "./segment-json.js";
import { rawOf, readSegment, type Segment } from "./segment-walk.js";

/** Bytes of an image from a place on. Everything between pieces is zero. */
interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly segment: Omit<Segment, "stored">;
}

interface Entry {
  readonly description: ImageDescription;
  readonly place: LogPlace;
  readonly pieces: Piece[];
  /** The end of the pieces read so far. */
  end: number;
}

export class ImageIndex {
  private readonly entries = new Map<string, Entry>();
  private writing: Entry | undefined;

  constructor(private readonly source: ByteSource) {}

  /** Must be called with every segment of the recording, in order. @throws {LogError} */
  see(segment: Segment): void {
    const { header, place } = segment;
    if (header.kind === "piece") {
      this.seePiece(segment);
      return;
    }
    // If an image's pieces end here, writing it was cut off.
    this.writing = undefined;
    if (header.kind !== "image") return;
    const description = decodeImageDescription(jsonOf(segment, "INVALID_IMAGE"), place);
    if (this.entries.has(description.sha256)) throw invalid("the recording has this image already", place);
    this.writing = { description, place, pieces: [], end: 0 };
    if (description.size === 0) this.finish(this.writing);
  }

  /** The complete images by their SHA-256. The header must name each of them. @throws {LogError} INVALID_IMAGE */
  named(images: readonly ImageDigest[]): ReadonlyMap<string, ImageContents> {
    for (const { description, place } of this.entries.values()) {
      const { sha256, size } = description;
      if (!images.some((image) => image.sha256 === sha256 && image.size === size))
        throw invalid("it holds an image that the recording's header does not name", place);
    }
    return new Map([...this.entries].map(([sha256, entry]) => [sha256, this.contentsOf(entry)]));
  }

  private seePiece(segment: Segment): void {
    const { header, place } = segment;
    const { writing } = this;
    const length = header.rawSize - PIECE_HEADER_BYTES;
    if (writing === undefined) throw invalid("it holds bytes of an image that no segment before it announces", place);
    const offset = length > 0 ? offsetOfPiece(rawOf(segment)) : NaN;
    if (!(offset >= writing.end && offset + length <= writing.description.size))
      throw invalid("its bytes do not lie in the image behind those before them", place);
    writing.pieces.push({ offset, length, segment: { header, place } });
    writing.end = offset + length;
    if (writing.end === writing.description.size) this.finish(writing);
  }

  private finish(entry: Entry): void {
    this.entries.set(entry.description.sha256, entry);
    this.writing = undefined;
  }

  private contentsOf({ description: { sha256, size }, pieces }: Entry): ImageContents {
    // Most reads continue where the previous one ended.
    let recent: { readonly piece: Piece; readonly raw: Uint8Array } | undefined;
    const bytesOf = (piece: Piece): Uint8Array => {
      if (recent?.piece !== piece) recent = { piece, raw: rawOf(readSegment(this.source, piece.segment)) };
      return recent.raw.subarray(PIECE_HEADER_BYTES);
    };
    return {
      sha256,
      byteLength: size,
      read(offset, target) {
        const end = offset + target.length;
        target.fill(0);
        for (let index = firstBehind(pieces, offset); ; index += 1) {
          const piece = pieces[index];
          if (piece === undefined || piece.offset >= end) return;
          const from = Math.max(offset, piece.offset);
          const until = Math.min(end, piece.offset + piece.length);
          target.set(bytesOf(piece).subarray(from - piece.offset, until - piece.offset), from - offset);
        }
      },
    };
  }
}

/** The index of the first piece that ends after `offset`. */
function firstBehind(pieces: readonly Piece[], offset: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const piece = pieces[middle];
    if (piece !== undefined && piece.offset + piece.length <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

const invalid = (what: string, place: LogPlace): LogError => new LogError("INVALID_IMAGE", what, place);
