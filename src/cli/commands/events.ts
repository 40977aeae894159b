/** `foldvm events`: the recording's events as NDJSON. */
import { eventLine, rowLine } from "../../streams/forms/ndjson.js";
import type { Recording } from "../../streams/past/recording.js";
import type { Until } from "../../streams/past/until.js";
import { isEventRow, rows, type StreamRow } from "../../streams/rows/index.js";
import type { PlaceIn } from "../../streams/session/place-words.js";
import { ALL_EVENTS, questionsOf, rowChoice, type RowChoice } from "../../streams/session/row-choice.js";
import { matchingTypes, nearestTypes } from "../../streams/store/event-types.js";
import type { Stdio } from "../../streams/host/stdio.js";
import { followEvents, type FollowOptions, type StreamEvent } from "../../streams/session/followed-events.js";
import { followRows } from "../../streams/session/followed-rows.js";
import type { Arguments } from "../arguments.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { writeAll, writeComing } from "../../streams/host/write-all.js";
import { sourceOf } from "../export-forms.js";
import { sayWhyNone } from "../no-rows.js";
import { roomIn, webhookSink, type WebhookPlan } from "../../streams/session/row-sinks.js";
import { webhookOf, WEBHOOK_OPTIONS } from "../webhook-arguments.js";
import { fileOf, openOperand } from "../recording-operand.js";
import { readAll, readEach, UsageError } from "../problems.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { sayWhereCut } from "../truncation.js";
import { integer, placeValue } from "../values.js";

const OPTIONS = {
  type: { value: "TYPE,...", help: "only these; uart16550/* is all of a device" },
  from: {
    value: "WHERE",
    help: "the first event's seq; or what is behind a place: /TEXT/, 1.5s, seq:N, SEQ@ICOUNT (1)",
  },
  to: { value: "SEQ", help: "the last event" },
  time: { help: "the virtual time in seconds too, to be read by people; ns has it in any case" },
  of: {
    value: "ROWS",
    help: "rows with their kind and hart instead: inputs, predicted, and what query finds: output,traps,'calls main'",
  },
  ...WEBHOOK_OPTIONS,
  ...NAMED_RECORDING_OPTIONS,
  follow: { help: "wait for more, of a recording that is still written or not there yet, until it is closed" },
} as const;

export const events = command({
  name: "events",
  operand: "FILE",
  summary: "Prints a recording's events as NDJSON, one a line, for jq.",
  options: OPTIONS,
  notes: "64-bit values are decimal strings, bytes are hexadecimal. Example: foldvm events boot.fold | jq .\n",
  read(args) {
    const { isWanted, from, to, of, webhook } = readAll({
      isWanted: () => typeFilter(args.get("type")),
      from: () => fromOption(args),
      to: () => (args.has("to") ? integer("--to", args.get("to") ?? "") : Infinity),
      of: () => choiceOf(args),
      webhook: () => webhookOf(args),
      followed: () => followed(args),
    });
    const numbers = { isWanted, to, hasTime: args.has("time") };
    return async (stdio) => {
      const choice = of ?? (webhook && ALL_EVENTS);
      if (args.has("follow")) {
        const path = fileOf(args);
        const shown = { ...numbers, from: numberOf(from) };
        const options = { waits: sayWaits(path, stdio), opened: namedRecordingOptions(args) };
        if (choice === undefined) return follow(path, shown, options, stdio);
        const found = followRows(path, choice, options);
        return webhook === undefined ? tell(found, shown, stdio) : post(found, shown, webhook);
      }
      const recording = await openOperand(args, stdio, namedRecordingOptions(args));
      sayWhereCut(recording, stdio);
      const place = typeof from === "number" ? undefined : from(recording);
      const first = typeof from === "number" ? from : recording.at(place).position.seq + 1;
      const shown = { ...numbers, from: first, place };
      if (choice !== undefined) {
        const found = rowsOf(recording, choice, shown);
        if (webhook !== undefined) return post(found, shown, { ...webhook, source: sourceOf(recording) });
        return tell(found, shown, stdio, (kinds) => {
          for (const word of choice.asked.keys()) if (!kinds.has(word)) sayWhyNone(word, recording, stdio);
        });
      }
      await writeAll(stdio.stdout, lines(recording.eventsFrom(first), shown));
      return EXIT.done;
    };
  },
});

/** A number is an event's; whatever else says a place is one. @throws {UsageError} */
function fromOption(args: Arguments<typeof OPTIONS>): number | PlaceIn {
  const text = args.get("from") ?? "1";
  if (/^\d[\d_,]*$/.test(text)) return integer("--from", text);
  if (args.has("follow")) throw new UsageError(`--from ${text}: with --follow, give the first event's seq`);
  return placeValue("--from", text);
}

const numberOf = (from: number | PlaceIn): number => (typeof from === "number" ? from : 1);

function followed(args: Arguments<typeof OPTIONS>): void {
  if (args.has("follow") && fileOf(args) === STANDARD_STREAM)
    throw new UsageError("--follow: name the file that is written; standard input is read to its end");
}

function choiceOf(args: Arguments<typeof OPTIONS>): RowChoice | undefined {
  const of = args.get("of");
  if (of === undefined) return undefined;
  if (args.has("time")) throw new UsageError("--time and --of: one at a time; a row has ns");
  return rowChoice(of);
}

/** Each as a line. `whole`: all are told, with the kinds of which there were some. */
async function tell(
  found: AsyncIterable<StreamRow>,
  shown: Shown,
  { stdout }: Stdio,
  whole?: (kinds: ReadonlySet<string>) => void,
): Promise<number> {
  const kinds = new Set<string>();
  const isWhole = await writeComing(stdout, found, (row) => {
    if (row.seq > shown.to) return undefined;
    if (!isShown(row, shown)) return "";
    kinds.add(row.kind);
    return `${rowLine(row)}\n`;
  });
  if (isWhole) whole?.(kinds);
  return EXIT.done;
}

const rowsOf = (recording: Recording, choice: RowChoice, { from, place }: Shown): AsyncIterable<StreamRow> => {
  const questions = questionsOf(choice, recording, { from: place });
  return rows(recording, { events: choice.events, fromSeq: Math.max(1, from), questions });
};

/** What happened before the first event has seq 0; what is behind a place is found from there on. */
const isShown = (row: StreamRow, { isWanted, from, place }: Shown): boolean =>
  isEventRow(row) ? row.seq >= from && isWanted(row.type) : row.seq >= (place !== undefined || from === 1 ? 0 : from);

/** No faster than they are taken, until nobody takes them. @throws {OutputError} where some were not */
async function post(found: AsyncIterable<StreamRow>, shown: Shown, plan: WebhookPlan): Promise<number> {
  const sink = webhookSink(plan);
  for await (const row of found) {
    if (row.seq > shown.to) break;
    if (!isShown(row, shown)) continue;
    sink.take(row);
    await roomIn(sink);
    if (sink.isLost === true) break;
  }
  const fault = await sink.end();
  if (fault !== undefined) throw fault;
  return EXIT.done;
}

const sayWaits =
  (path: string, { stderr }: Stdio) =>
  (): void => {
    stderr.write(`foldvm: ${path} is not there yet; waiting for it\n`);
  };

async function follow(path: string, shown: Shown, options: FollowOptions, { stdout }: Stdio): Promise<number> {
  let last = 0;
  for await (const batch of followEvents(path, options)) {
    const events = noting(batch, (seq) => (last = seq));
    if (!(await writeAll(stdout, lines(events, shown))) || last >= shown.to) break;
  }
  return EXIT.done;
}

function* noting(events: Iterable<StreamEvent>, note: (seq: number) => void): Generator<StreamEvent> {
  for (const event of events) {
    note(event.seq);
    yield event;
  }
}

interface Shown {
  readonly isWanted: (type: string) => boolean;
  /** The first event. */
  readonly from: number;
  /** Where that is said by a place. */
  readonly place?: Until | undefined;
  readonly to: number;
  readonly hasTime: boolean;
}

function* lines(events: Iterable<StreamEvent>, { isWanted, from, to, hasTime }: Shown): Generator<string> {
  for (const event of events) {
    if (event.seq > to) return;
    if (event.seq < from || !isWanted(event.type)) continue;
    yield `${eventLine(event, hasTime ? `"time":"${secondsOf(event.ns)}",` : "")}\n`;
  }
}

const secondsOf = (ns: bigint): string => {
  const digits = ns.toString().padStart(10, "0");
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
};

function typeFilter(text: string | undefined): (type: string) => boolean {
  if (text === undefined) return () => true;
  const wanted = readEach(text.split(","), (pattern) => {
    const matching = matchingTypes(pattern);
    if (matching.length === 0) {
      throw new UsageError(`--type ${pattern}: there is no such event; ${nearestTypes(pattern)}`);
    }
    return matching;
  }).flat();
  return (type) => wanted.some((known) => known === type);
}
