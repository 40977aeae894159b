/**
 * What tells one run from any other: its machine, its images, where it began, its events and how it ended. Snapshots
 * that were put in later, and images that are carried along, are no part of it.
 */
import { canonicalBytes } from "../../../machine/canonical.js";
import { xxh64 } from "../../../machine/digest/xxh64.js";
import type { LogHeader } from "./header.js";
import type { SegmentHeader } from "./segment.js";

export class RunIdentity {
  private digest = 0n;

  /** Of each segment of the recording in turn. */
  see({ kind, firstSeq, firstIcount, count, rawSize, rawChecksum }: SegmentHeader): void {
    if (kind !== "events" && kind !== "end") return;
    this.mix([kind, firstSeq, firstIcount, count, rawSize, rawChecksum]);
  }

  /** `startHash`: of the state that it begins with, where that is not the one at reset. */
  of({ machine, images }: LogHeader, startHash: bigint | undefined): bigint {
    const digests = images.map(({ role, size, sha256 }) => [role, size, sha256]);
    return xxh64(canonicalBytes([JSON.stringify(machine), digests, startHash ?? null]), this.digest);
  }

  private mix(value: unknown): void {
    this.digest = xxh64(canonicalBytes(value), this.digest);
  }
}
