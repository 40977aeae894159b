/** `foldvm schedule`: the deviations of a recording as data, which `--schedule` takes. */
import { writeAll } from "../../streams/host/write-all.js";
import type { Recording } from "../../streams/past/recording.js";
import { scheduleLine } from "../../streams/session/schedule-file.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { openOperand } from "../recording-operand.js";
import { sayWhereCut } from "../truncation.js";

export const schedule = command({
  name: "schedule",
  operand: "FILE",
  summary: "Prints where a recording's schedule and clock deviated, as NDJSON, for --schedule.",
  options: {},
  notes: "Inputs are none of it. Example: foldvm schedule chaos.fold > chaos.ndjson\n",
  read: (args) => async (stdio) => {
    const recording = await openOperand(args, stdio);
    sayWhereCut(recording, stdio);
    await writeAll(stdio.stdout, lines(recording));
    return EXIT.done;
  },
});

function* lines(recording: Recording): Generator<string> {
  for (const event of recording.eventsFrom()) {
    const line = scheduleLine(event);
    if (line !== undefined) yield `${line}\n`;
  }
}
