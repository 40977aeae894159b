/** Says where a recording ends that was not closed. */
import type { Recording } from "../streams/past/recording.js";
import type { Stdio } from "../streams/host/stdio.js";
import { count } from "./figures.js";

export function sayWhereCut({ log }: Recording, stdio: Stdio): void {
  if (log.truncated === undefined) return;
  const { truncatedAt, lastSeq, lastIcount } = log.truncated;
  stdio.stderr.write(
    `foldvm: the recording was cut off: its whole segments end at byte ${count(truncatedAt)} of ${count(log.byteLength)}, ` +
      `with event ${count(lastSeq)} at instruction ${count(lastIcount)}; it replays up to there\n`,
  );
}
