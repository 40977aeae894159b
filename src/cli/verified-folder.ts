/** `verify` of a folder: a line for each recording, and a report for build servers. */
import { writeTextFile } from "../streams/host/text-file.js";
import type { Stdio } from "../streams/host/stdio.js";
import { writeAll } from "../streams/host/write-all.js";
import { junitReport } from "../streams/session/verify/junit.js";
import { recordingsIn } from "../streams/session/verify/recordings-in.js";
import { verifiedFiles, type Verified } from "../streams/session/verify/verified-files.js";
import { EXIT } from "./exit-codes.js";
import { counted } from "./figures.js";

export interface FolderOptions {
  readonly jobs: number;
  readonly isJson: boolean;
  readonly junit: string | undefined;
  /** What each recording is verified with. */
  readonly words: readonly string[];
}

/** Answers the code of the first that failed. @throws {FolderError} @throws {OutputError} */
export async function verifyFolder(folder: string, options: FolderOptions, { stdout }: Stdio): Promise<number> {
  const all: Verified[] = [];
  for await (const verified of verifiedFiles(recordingsIn(folder), options.jobs, options.words)) {
    all.push(verified);
    if (!(await writeAll(stdout, [`${options.isJson ? JSON.stringify(verified) : lineOf(verified)}\n`]))) break;
  }
  const failed = all.filter(({ ok }) => !ok);
  if (!options.isJson) stdout.write(`${counted(all.length, "recording")}, ${String(failed.length)} failed\n`);
  if (options.junit !== undefined) writeTextFile(options.junit, junitReport(folder, all));
  return failed[0]?.code ?? EXIT.done;
}

const lineOf = ({ file, ok, message, complete, instructions, events, stateHashes, seconds }: Verified): string => {
  if (!ok) return `FAIL  ${file}  ${message ?? ""}`;
  const cut = complete === false ? "cut off, and OK up to there: " : "";
  const counts = [
    counted(instructions ?? 0, "instruction"),
    counted(events ?? 0, "event"),
    counted(stateHashes ?? 0, "state hash", "state hashes"),
  ];
  return `OK    ${file}  ${cut}${counts.join(", ")}; ${seconds.toFixed(2)} s`;
};
