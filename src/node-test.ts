/** foldvm in Node's own test runner, or in any that takes an AssertionError. */
import { AssertionError } from "node:assert";

import { diff, type DiffOptions, type Stateful } from "./streams/past/diff/index.js";
import type { RecordingOptions } from "./streams/session/open-recording.js";
import {
  replayReport,
  type Replayable,
  type ReplayAsked,
  type ReplayReport,
} from "./streams/session/testing/replay-report.js";

export { recordUntil, RecordUntilError, type RecordUntilOptions } from "./streams/session/testing/record-until.js";
export { replayReport, type Replayable, type ReplayAsked, type ReplayReport };

/**
 * Replays a recording. @throws {AssertionError} where it diverges, or is not as asked: with what there was and what was
 * printed last
 */
export async function assertReplays(
  source: Replayable,
  asked: ReplayAsked = {},
  options: RecordingOptions = {},
): Promise<ReplayReport> {
  const report = await replayReport(source, asked, options);
  if (!report.ok) throw failure(report.message, assertReplays);
  return report;
}

/** @throws {AssertionError} with what differs, by name */
export function assertSameState(actual: Stateful, expected: Stateful, options: DiffOptions = {}): void {
  const difference = diff(actual, expected, options);
  if (!difference.isSame) throw failure(`the states differ\n${difference.text}`, assertSameState);
}

// The message says it all: two values to print would say it worse.
const failure = (message: string, from: (...given: never[]) => unknown): AssertionError =>
  new AssertionError({ message, stackStartFn: from });
