/** `foldvm events`: the recording's events as NDJSON. */
import { toJson } from "../../streams/store/log/index.js";
import { EVENT_TYPES, matchingTypes } from "../../streams/store/event-types.js";
import type { Recording } from "../../streams/past/recording.js";
import { writeAll } from "../../streams/host/write-all.js";
import { openOperand } from "../recording-operand.js";
import { readAll, readEach, UsageError } from "../problems.js";
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
  read(args) {
    const { isWanted, from, to } = readAll({
      isWanted: () => typeFilter(args.get("type")),
      from: () => integer("--from", args.get("from") ?? "1"),
      to: () => (args.has("to") ? integer("--to", args.get("to") ?? "") : Infinity),
    });
    return async (stdio) => {
      const recording = await openOperand(args, stdio);
      sayWhereCut(recording, stdio);
      await writeAll(stdio.stdout, lines(recording, { isWanted, from, to }));
      return EXIT.done;
    };
  },
});

interface Range {
  readonly isWanted: (type: string) => boolean;
  readonly from: number;
  readonly to: number;
}

function* lines(recording: Recording, { isWanted, from, to }: Range): Generator<string> {
  for (const event of recording.eventsFrom(from)) {
    if (event.seq > to) return;
    if (isWanted(event.type)) yield `${JSON.stringify(toJson(event))}\n`;
  }
}

function typeFilter(text: string | undefined): (type: string) => boolean {
  if (text === undefined) return () => true;
  const wanted = readEach(text.split(","), (pattern) => {
    const matching = matchingTypes(pattern);
    if (matching.length === 0) {
      throw new UsageError(`--type ${pattern}: there is no such event; there are ${EVENT_TYPES.join(", ")}`);
    }
    return matching;
  }).flat();
  return (type) => wanted.some((known) => known === type);
}
