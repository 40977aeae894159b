/** --events: what happens in a machine that runs goes to a place, as NDJSON. */
import type { LinePlace } from "../streams/host/line-output.js";
import type { OutputError } from "../streams/host/output-error.js";
import type { Stdio } from "../streams/host/stdio.js";
import type { NameSource } from "../streams/past/names/name-source.js";
import type { LiveRows } from "../streams/rows/index.js";
import type { OpenedMachine } from "../streams/session/machine-options.js";
import { ALL_EVENTS, rowChoice, type RowChoice } from "../streams/session/row-choice.js";
import { rowOutput } from "../streams/session/row-output.js";
import { lineSink, webhookSink, type RowSink, type WebhookPlan } from "../streams/session/row-sinks.js";
import type { Arguments } from "./arguments.js";
import { waitedSocket } from "./console-arguments.js";
import { UsageError } from "./problems.js";
import { STANDARD_STREAM } from "./standard-stream.js";
import { webhookOf, WEBHOOK_OPTIONS } from "./webhook-arguments.js";

export const EVENTS_OPTIONS = {
  events: {
    value: "PLACE",
    file: "written",
    help: "tell there what happens, as NDJSON: a file, a named pipe, unix:PATH, or - with the console elsewhere",
  },
  "events-of": {
    value: "ROWS",
    help: "what: inputs, predicted, and questions as foldvm query asks them: output,traps,'calls main' (inputs,predicted)",
  },
  ...WEBHOOK_OPTIONS,
  "events-wait": { help: "stand still while who is told is behind; else rows are missed, and a row says how many" },
} as const;

export interface EventsPlan {
  readonly place: string | undefined;
  readonly webhook: WebhookPlan | undefined;
  readonly choice: RowChoice;
  readonly isWaitedFor: boolean;
}

/** Undefined: nothing is told. @throws {UsageError} @throws {OptionError} */
export function eventsArguments(args: Arguments<typeof EVENTS_OPTIONS>): EventsPlan | undefined {
  const place = args.get("events");
  const of = args.get("events-of");
  const webhook = webhookOf(args);
  if (place === undefined && webhook === undefined) {
    const alone = (["events-of", "events-wait"] as const).filter((name) => args.has(name)).map((name) => `--${name}`);
    if (alone.length > 0)
      throw new UsageError(`${alone.join(" and ")}: say where with --events PLACE or --webhook URL`);
    return undefined;
  }
  if (place?.startsWith("unix:") === true) waitedSocket("--events", place.slice("unix:".length));
  const choice = of === undefined ? ALL_EVENTS : rowChoice(of);
  return { place, webhook, choice, isWaitedFor: args.has("events-wait") };
}

/** Whether an engine is to tell what the guest does. Code for that is a little slower. */
export const isAsking = (plan: EventsPlan | undefined): boolean => (plan?.choice.asked.size ?? 0) > 0;

export interface EventsOf {
  readonly opened: OpenedMachine;
  readonly stdio: Stdio;
  readonly symbols: readonly NameSource[];
  readonly say: (line: string) => void;
}

/** Runs with it. What can't be told ends no run: it is thrown once that is over, and its recording is whole. */
export async function withEvents<T>(
  plan: EventsPlan | undefined,
  { opened, stdio, symbols, say }: EventsOf,
  run: (rows: LiveRows | undefined) => Promise<T>,
): Promise<T> {
  if (plan === undefined) return run(undefined);
  const { place, webhook, choice, isWaitedFor } = plan;
  const sinks: RowSink[] = webhook === undefined ? [] : [webhookSink(webhook)];
  if (place !== undefined) {
    const over = (fault: OutputError | undefined): void => {
      const what = fault === undefined ? `nobody reads ${place} any more` : fault.message;
      say(`--events: ${what}; the run goes on without it`);
    };
    const where = placeOf(place, stdio);
    if (where.kind === "unix" && where.waits === true) say(`--events: waiting for a reader at ${where.path}`);
    sinks.push(await lineSink(where, over));
  }
  const faults: (OutputError | undefined)[] = [];
  let ended: T;
  try {
    ended = await run(rowOutput(opened, sinks, { choice, isWaitedFor, symbols }));
  } finally {
    for (const sink of sinks) faults.push(await sink.end());
  }
  for (const fault of faults) if (fault !== undefined) throw fault;
  return ended;
}

function placeOf(place: string, { stdout }: Stdio): LinePlace {
  if (place === STANDARD_STREAM) return { kind: "stream", stream: stdout };
  if (place.startsWith("unix:")) return waitedSocket("--events", place.slice("unix:".length));
  return { kind: "file", path: place };
}
