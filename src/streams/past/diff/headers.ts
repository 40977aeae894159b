/** In what two recordings differ before anything runs: the machine, its images, where they begin. */
import type { Recording } from "../recording.js";
import type { Difference } from "./difference.js";
import { memberDifferences } from "./members.js";

export function headerDifferences(a: Recording, b: Recording): readonly Difference[] {
  const images = (recording: Recording): object =>
    Object.fromEntries(recording.log.header.images.map(({ role, sha256 }) => [role, sha256]));
  return [
    ...memberDifferences("machine", "machine", a.config, b.config),
    ...memberDifferences("machine", "images", images(a), images(b)),
    ...memberDifferences("machine", "start", a.log.start, b.log.start),
    ...startDifferences(a, b),
  ];
}

/** Both begin in a state at one place, which may be another. */
function startDifferences(a: Recording, b: Recording): readonly Difference[] {
  const hash = ({ log, snapshots }: Recording): bigint | undefined =>
    log.header.start === undefined ? undefined : snapshots.find(({ name }) => name === log.header.start?.name)?.hash;
  return [...memberDifferences("machine", "start.hash", hash(a), hash(b))];
}
