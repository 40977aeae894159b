/** The snapshots of a recording, found as its segments pass, and read only when one is asked for. */
import { concatenated } from "../../../reducers/concatenated.js";
import type { ByteSource } from "./byte-source.js";
import { LogError } from "./log-error.js";
import { readSegment, rawOf, type Segment } from "./segment-walk.js";
import { jsonOf } from "./segment-json.js";
import { decodeDescription, decodeForgotten, type SnapshotDescription } from "./snapshot-segments.js";

type PlacedSegment = Omit<Segment, "stored">;

/** Grows while its pieces pass. */
interface Entry {
  readonly description: SnapshotDescription;
  readonly pieces: PlacedSegment[];
  missingBytes: number;
}

export class SnapshotIndex {
  private readonly complete = new Map<string, Entry>();
  private writing: Entry | undefined;
  private firstEntry: Entry | undefined;

  constructor(private readonly source: ByteSource) {}

  /** Every segment of the recording, in order. @throws {LogError} */
  see(segment: Segment): void {
    const { header, place } = segment;
    if (header.kind === "state") {
      this.seePiece(segment);
      return;
    }
    // A snapshot whose bytes end here was cut off while it was written.
    this.writing = undefined;
    if (header.kind === "snapshot") {
      const description = decodeDescription(jsonOf(segment, "INVALID_SNAPSHOT"), place);
      this.writing = { description, pieces: [], missingBytes: description.size };
    } else if (header.kind === "forgotten") {
      this.complete.delete(decodeForgotten(jsonOf(segment, "INVALID_SNAPSHOT"), place).name);
    }
  }

  /** Those that are whole and were not forgotten, by place. */
  get all(): readonly SnapshotDescription[] {
    return [...this.complete.values()]
      .map(({ description }) => description)
      .sort((a, b) => a.seq - b.seq || a.icount - b.icount);
  }

  /** The first one in the file that is whole. */
  get first(): SnapshotDescription | undefined {
    return this.firstEntry?.description;
  }

  /** The saved state of the first one, whatever became of its name. */
  readFirst(): Uint8Array | undefined {
    return this.firstEntry && this.bytesOf(this.firstEntry);
  }

  /** The saved state. @throws {LogError} NO_SUCH_SNAPSHOT, or where it is damaged. */
  read(name: string): Uint8Array {
    const entry = this.complete.get(name);
    if (entry === undefined) {
      const names = this.all.map((known) => known.name).join(", ");
      const has = names === "" ? "it has none" : `it has ${names}`;
      const place = this.source.name === undefined ? {} : { file: this.source.name };
      throw new LogError("NO_SUCH_SNAPSHOT", `the recording has no snapshot ${JSON.stringify(name)}; ${has}`, place);
    }
    return this.bytesOf(entry);
  }

  private bytesOf({ pieces }: Entry): Uint8Array {
    return concatenated(pieces.map((piece) => rawOf(readSegment(this.source, piece))));
  }

  private seePiece({ header, place }: Segment): void {
    const { writing } = this;
    if (writing === undefined || header.rawSize > writing.missingBytes) {
      throw new LogError("INVALID_SNAPSHOT", "it holds bytes of a state that no segment before it announces", place);
    }
    writing.missingBytes -= header.rawSize;
    writing.pieces.push({ header, place });
    if (writing.missingBytes > 0) return;
    this.writing = undefined;
    // The last one of a name counts.
    this.complete.set(writing.description.name, writing);
    this.firstEntry ??= writing;
  }
}
