/** `foldvm events`: the recording's events as NDJSON. */
import { toJson } from "../../streams/store/log/index.js";
import { EVENT_TYPES, matchingTypes } from "../../streams/store/event-types.js";
import { type Recording } from "../../streams/past/recording.js";
import { openRecording } from "../../streams/session/open-recording.js";
import { writeAll } from "../../streams/host/write-all.js";
import { UsageError, type Arguments } from "../arguments.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { sayWhereCut } from "../truncation.js";
import { integer } from "../values.js";

const OPTIONS = {
  type: { value: "TYPE,...", help: "only these; uart16550/* is all of a device" },
  from: { value: "SEQ", help: "the first event" },
  to: { value: "SEQ", help: "the last event" },
} as const;

export const events = command({
  name: "events",
  operand: "FILE",
  summary: "Prints a recording's events as NDJSON, one a line, for jq.",
  options: OPTIONS,
  notes: "64-bit values are decimal strings, bytes are hexadecimal. Example: foldvm events boot.fold | jq .\n",
  async run(args, stdio) {
    const recording = openRecording(args.operands[0] ?? "");
    sayWhereCut(recording, stdio);
    await writeAll(stdio.stdout, lines(recording, args));
    return EXIT.done;
  },
});

function* lines(recording: Recording, args: Arguments<typeof OPTIONS>): Generator<string> {
  const from = args.get("from");
  const to = args.get("to");
  const isWanted = typeFilter(args.get("type"));
  const last = to === undefined ? Infinity : integer("--to", to);
  for (const event of recording.eventsFrom(from === undefined ? 1 : integer("--from", from))) {
    if (event.seq > last) return;
    if (isWanted(event.type)) yield `${JSON.stringify(toJson(event))}\n`;
  }
}

function typeFilter(text: string | undefined): (type: string) => boolean {
  if (text === undefined) return () => true;
  const wanted = text.split(",").flatMap((pattern) => {
    const matching = matchingTypes(pattern);
    if (matching.length === 0) {
      throw new UsageError(`--type ${pattern}: there is no such event; there are ${EVENT_TYPES.join(", ")}`);
    }
    return matching;
  });
  return (type) => wanted.some((known) => known === type);
}
