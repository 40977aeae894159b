/** What a recording is, without running it. */
import type { MachineConfig } from "../../reducers/machine-config.js";
import type { PlainPosition, Position } from "../../reducers/position.js";
import type { ImageDigest, Log, LogParent } from "../store/log/index.js";
import { hex64 } from "../../reducers/hex.js";
import { isGuestCause } from "../../reducers/power.js";

export interface RecordingInfo {
  readonly machine: MachineConfig;
  readonly images: readonly ImageInfo[];
  /** Of the run, whatever was put into the file later or carried along: 16 hexadecimal digits. */
  readonly digest: string;
  /** What it is a branch of; null: it was recorded live. */
  readonly parent: LogParent | null;
  readonly formatVersion: number;
  readonly bytes: number;
  readonly segments: number;
  readonly events: number;
  /** Where it begins: 0 and 0 at reset, or with a saved state. */
  readonly start: Position;
  readonly snapshots: readonly SnapshotInfo[];
  /** Of the last position that the recording has. */
  readonly instructions: number;
  /** Whether it was closed; else it ends with the last segment that was written whole. */
  readonly complete: boolean;
  readonly cause: string | null;
  /** What the guest ended with; null where it did not end itself. */
  readonly guestCode: number | null;
  /** The hash of the last state, in hexadecimal; null where the recording was cut off. */
  readonly stateHash: string | null;
}

export interface ImageInfo extends ImageDigest {
  /** Whether the recording carries it. */
  readonly embedded: boolean;
}

export interface SnapshotInfo extends PlainPosition {
  readonly name: string;
  /** Of the saved state, in bytes. */
  readonly size: number;
  /** In hexadecimal. */
  readonly stateHash: string;
}

export const infoOf = (log: Log, machine: MachineConfig): RecordingInfo => {
  const { header, formatVersion, byteLength, segmentCount, eventCount, end, start, snapshots, contents } = log;
  return {
    machine,
    images: header.images.map((image) => ({ ...image, embedded: contents.has(image.sha256) })),
    digest: hex64(log.identity),
    parent: header.parent ?? null,
    formatVersion,
    bytes: byteLength,
    segments: segmentCount,
    events: eventCount,
    start,
    snapshots: snapshots.map(({ name, seq, icount, hash, size }) => ({
      name,
      seq,
      icount,
      size,
      stateHash: hex64(hash),
    })),
    ...endOf(log),
    complete: end !== undefined,
    stateHash: end === undefined ? null : hex64(end.hash),
  };
};

/** @throws {LogError} where its last event is damaged */
export const endOf = (log: Log): Pick<RecordingInfo, "instructions" | "cause" | "guestCode"> => ({
  instructions: log.end?.icount ?? log.lastIcount,
  cause: log.end?.cause ?? null,
  guestCode: guestCodeOf(log),
});

/** The shutdown is the last event. @throws {LogError} where that is damaged */
function guestCodeOf(log: Log): number | null {
  if (log.end === undefined || !isGuestCause(log.end.cause)) return null;
  for (const { event } of log.events({ fromSeq: log.lastSeq })) {
    if (event.type === "machine/shutdown") return event.code;
  }
  return null;
}
