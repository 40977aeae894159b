/** What was done to a recording's snapshots, in the words of the monitor and of the command. */
import type { SnapshotDescription } from "../store/log/index.js";

export interface SavedSnapshot {
  readonly saved: SnapshotDescription;
  /** The one of that name that there was: as in QEMU, it is replaced. */
  readonly replaced: SnapshotDescription | undefined;
  /** The recording's file. */
  readonly file: string;
}

/** `figure` writes numbers. */
export function savedWords({ saved, replaced, file }: SavedSnapshot, figure: (value: number) => string): string {
  const place = ({ seq, icount }: SnapshotDescription): string => `instruction ${figure(icount)}, event ${figure(seq)}`;
  const instead = replaced === undefined ? "" : `; it replaces the one of that name at ${place(replaced)}`;
  return `saved ${saved.name} into ${file}: ${place(saved)}, ${figure(saved.size)} bytes${instead}`;
}

export const deletedWords = (name: string, file: string): string => `deleted ${name} from ${file}`;
