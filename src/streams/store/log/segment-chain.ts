/** Puts one whole segment after the other, each tied to the one before it. */
import { LogError } from "./log-error.js";
import type { SegmentPlace } from "./segment.js";
import { encodeSegment } from "./segment.js";
import type { LogSink } from "./log-sink.js";

export class SegmentChain {
  bytesWritten = 0;
  isOpen = true;

  /** `version` and `chain` are those of the segment that is continued; a new recording has chain 0. */
  constructor(
    private readonly sink: LogSink,
    private version: number,
    private chain = 0,
  ) {}

  /** What needs a later version begins it: all that follows has it too. */
  requireVersion(version: number): void {
    this.version = Math.max(this.version, version);
  }

  requireOpen(): void {
    if (!this.isOpen) throw new LogError("CLOSED", "this recording was closed or failed to be written; begin another");
  }

  write(place: Pick<SegmentPlace, "kind" | "firstSeq" | "firstIcount" | "count">, raw: Uint8Array): void {
    const { bytes, headerChecksum } = encodeSegment({ ...place, version: this.version, chain: this.chain }, raw);
    try {
      this.sink.write(bytes);
    } catch (error) {
      // Nothing can follow a segment that is missing.
      this.close();
      throw error;
    }
    this.chain = headerChecksum;
    this.bytesWritten += bytes.length;
  }

  /** Once, also where the sink fails. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.sink.close();
  }
}
