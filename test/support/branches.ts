/** Recordings and their branches, for tests: branches as recordings in memory, and what is the same about two. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";

import type { Branch } from "../../src/streams/past/branch/index.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { memorySink, toJson } from "../../src/streams/store/log/index.js";

const logs = fileURLToPath(new URL("../../logs", import.meta.url));

export const golden = (name: string): Recording => openRecording(join(logs, `${name}.fold`));

export const GOLDEN_NAMES = ["clock", "panic", "race-fails", "race-passes", "session", "virtio"] as const;

export const bytesOf = (branch: Branch): Uint8Array => {
  const sink = memorySink();
  branch.record(sink);
  return sink.bytes();
};

/** A branch as a recording by itself, with the images of another one. */
export const recordingOf = (branch: Branch, { images }: Pick<Recording, "images">): Recording =>
  openRecording(bytesOf(branch), { images });

/** Each event in a line. */
export const linesOf = (recording: Recording): readonly string[] =>
  [...recording.eventsFrom()].map((event) => JSON.stringify(toJson(event)));
