/** foldvm in vitest: importing it gives `expect` the matchers `toReplay` and `toBeSameState`. */
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

/** What a matcher answers. */
export interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

/** For an `expect` of another copy of vitest, or of jest: `expect.extend(matchers)`. */
export const matchers = {
  /** `await expect("fail.fold").toReplay({ code, text })`. */
  async toReplay(source: Replayable, asked?: ReplayAsked, options?: RecordingOptions): Promise<Matched> {
    const { ok, message } = await replayReport(source, asked, options);
    return { pass: ok, message: () => message };
  },

  /** `expect(state).toBeSameState(other)`: else it says by name what differs. */
  toBeSameState(actual: Stateful, expected: Stateful, options?: DiffOptions): Matched {
    const difference = diff(actual, expected, options);
    return { pass: difference.isSame, message: () => difference.text };
  },
};

interface Vitest {
  readonly expect: { extend(matchers: object): void };
}

/** A peer that this package is built without. */
const VITEST: string = "vitest";
const { expect } = (await import(VITEST)) as Vitest;
expect.extend(matchers);
