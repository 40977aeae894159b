/** `verify` of a folder, or with a report for build servers: a line for each recording. */
import { writeTextFile } from "../streams/host/text-file.js";
import type { Stdio } from "../streams/host/stdio.js";
import { writeAll } from "../streams/host/write-all.js";
import { junitReport } from "../streams/session/verify/junit.js";
import { verifiedFiles, type Verified } from "../streams/session/verify/verified-files.js";
import { EXIT } from "./exit-codes.js";
import { counted } from "./figures.js";

export interface ReportOptions {
  readonly jobs: number;
  readonly isJson: boolean;
  readonly junit: string | undefined;
  /** What each recording is verified with. */
  readonly words: readonly string[];
}

/** Answers the code of the first that failed. `name`: the report's. @throws {OutputError} */
export async function verifyAll(
  name: string,
  files: readonly string[],
  options: ReportOptions,
  { stdout }: Stdio,
): Promise<number> {
  const all: Verified[] = [];
  for await (const verified of verifiedFiles(files, options.jobs, options.words)) {
    all.push(verified);
    if (!(await writeAll(stdout, [`${options.isJson ? JSON.stringify(verified) : lineOf(verified)}\n`]))) break;
  }
  const failed = all.filter(({ ok }) => !ok);
  if (!options.isJson) stdout.write(`${counted(all.length, "recording")}, ${String(failed.length)} failed\n`);
  if (options.junit !== undefined) writeTextFile(options.junit, junitReport(name, all));
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
