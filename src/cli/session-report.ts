/** What `run` and `record` say when the machine has ended. */
import { hex64 } from "../reducers/hex.js";
import type { Stdio } from "../streams/host/stdio.js";
import { writeOutcome } from "./outcome.js";
import type { PlannedEnd, SessionArguments } from "./session-arguments.js";
import { sayStatistics } from "./statistics.js";
import type { Verdict } from "./verdict.js";

export interface SessionReport {
  readonly end: PlannedEnd;
  readonly verdict: Verdict;
  /** The recording; undefined: none was made. */
  readonly file?: string | undefined;
  /** More lines for people. */
  readonly lines?: readonly string[];
  /** More members for programs. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** On lines of its own, the statistics after the words, and the object for programs last. */
export function report(args: SessionArguments, stdio: Stdio, session: SessionReport): void {
  const { end, verdict, file, lines = [], members = {} } = session;
  const said = args.has("quiet") ? [] : [verdict.message, ...lines, end.missed].filter((line) => line !== undefined);
  const isShared = stdio.stdout.isTTY === true && stdio.stderr.isTTY === true;
  const saysMore = said.length > 0 || args.has("stats") || args.has("json");
  if (isShared && end.isMidLine && saysMore) stdio.stderr.write("\n");
  stdio.stderr.write(said.map((line) => `foldvm: ${line}\n`).join(""));
  sayStatistics(args, stdio, end.statistics);
  if (!args.has("json")) return;
  const { position, stateHash, cause, guestCode, machineCause, deviations, missed, elapsedMs } = end;
  writeOutcome(stdio.stderr, {
    cause: machineCause,
    code: verdict.code,
    instructions: position.icount,
    seq: position.seq,
    stateHash: hex64(stateHash),
    file: file ?? null,
    endedBy: cause,
    guestCode: cause === "guest" ? guestCode : null,
    seconds: Math.round(elapsedMs) / 1000,
    deviations,
    ...members,
    ...(missed === undefined ? {} : { warning: missed.replace(/^warning: /, "") }),
    message: verdict.message,
  });
}
