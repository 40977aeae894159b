/** A recording that carries its images: one file that replays wherever it is. */
import { check } from "../../options/check.js";
import { exactly } from "../../options/codecs.js";
import { aRecording, aSink } from "../../options/parts.js";
import { packLog, type LogSink } from "../store/log/index.js";
import type { Recording } from "./recording.js";

const PACKED = exactly<{ readonly recording: Recording; readonly sink: LogSink }>({
  recording: aRecording,
  sink: aSink,
});

/**
 * Writes the recording once more, with every image that its machine started from, each once; disks with all that they
 * are backed by. Else it stays as it is. Throws ImageError where an image is missing or another, and what the sink
 * throws.
 */
export const pack = (recording: Recording, sink: LogSink): void => {
  check("pack", PACKED, { recording, sink });
  packLog(recording.log, recording.contents, sink);
};
