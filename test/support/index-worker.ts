/** A process that writes the state index of a recording again and again, and a dot for each. */
import { writeSync } from "node:fs";

import { openRecording } from "../../src/streams/session/open-recording.js";
import { evenly, indexedAt } from "./indexed-states.js";

const [log = "", path = ""] = process.argv.slice(2);
const recording = openRecording(log, { index: path });
const { builder } = indexedAt(recording, evenly(recording.info.instructions, 20));
for (;;) {
  recording.index.write(builder);
  writeSync(1, ".");
}
