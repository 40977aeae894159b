// What foldvm/vitest adds to vitest's `expect`. It is no part of this package's own program, which is built without
// vitest: the build puts it beside the entry.
import type { DiffOptions, Stateful } from "./streams/past/diff/index.js";
import type { RecordingOptions } from "./streams/session/open-recording.js";
import type { ReplayAsked } from "./streams/session/testing/replay-report.js";

declare module "vitest" {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface Matchers<T = unknown> {
    /** A recording (a path, its bytes, or open) replays, and is as asked. */
    toReplay(asked?: ReplayAsked, options?: RecordingOptions): Promise<void>;
    /** A state, or a moment's, is the same as another; else what differs is told by name. */
    toBeSameState(expected: Stateful, options?: DiffOptions): void;
  }
}
