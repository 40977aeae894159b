/** --events: what happens in a machine that runs goes to a place, as NDJSON. */
import type { LinePlace } from "../streams/host/line-output.js";
import type { Stdio } from "../streams/host/stdio.js";
import type { NameSource } from "../streams/past/names/name-source.js";
import type { LiveRows } from "../streams/rows/index.js";
import type { OpenedMachine } from "../streams/session/machine-options.js";
import { ALL_EVENTS, rowChoice, type RowChoice } from "../streams/session/row-choice.js";
import { rowOutput } from "../streams/session/row-output.js";
import type { Arguments } from "./arguments.js";
import { unixSocket } from "./console-arguments.js";
import { UsageError } from "./problems.js";
import { STANDARD_STREAM } from "./standard-stream.js";

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
  "events-wait": { help: "stand still while its reader is behind; else it misses rows, and is told how many" },
} as const;

export interface EventsPlan {
  readonly place: string;
  readonly choice: RowChoice;
  readonly isWaitedFor: boolean;
}

/** Undefined: nothing is told. @throws {UsageError} @throws {OptionError} */
export function eventsArguments(args: Arguments<typeof EVENTS_OPTIONS>): EventsPlan | undefined {
  const place = args.get("events");
  const of = args.get("events-of");
  if (place === undefined) {
    const alone = (["events-of", "events-wait"] as const).filter((name) => args.has(name)).map((name) => `--${name}`);
    if (alone.length > 0) throw new UsageError(`${alone.join(" and ")}: say where with --events PLACE`);
    return undefined;
  }
  if (place.startsWith("unix:")) unixSocket("--events", place.slice("unix:".length));
  return { place, choice: of === undefined ? ALL_EVENTS : rowChoice(of), isWaitedFor: args.has("events-wait") };
}

/** Whether an engine is to tell what the guest does. Code for that is a little slower. */
export const isAsking = (plan: EventsPlan | undefined): boolean => (plan?.choice.asked.size ?? 0) > 0;

export interface EventsOf {
  readonly opened: OpenedMachine;
  readonly stdio: Stdio;
  readonly symbols: readonly NameSource[];
  readonly say: (line: string) => void;
}

/** Runs with it. What can't be written ends no run: it is thrown once that is over, and its recording is whole. */
export async function withEvents<T>(
  plan: EventsPlan | undefined,
  { opened, stdio, symbols, say }: EventsOf,
  run: (rows: LiveRows | undefined) => Promise<T>,
): Promise<T> {
  if (plan === undefined) return run(undefined);
  const { place, choice, isWaitedFor } = plan;
  const output = await rowOutput(opened, {
    ...{ choice, isWaitedFor, symbols },
    place: placeOf(place, stdio),
    over: (fault) => {
      const what = fault === undefined ? `nobody reads ${place} any more` : fault.message;
      say(`--events: ${what}; the run goes on without it`);
    },
  });
  let ended: T;
  try {
    ended = await run(output.rows);
  } finally {
    await output.end();
  }
  if (output.fault !== undefined) throw output.fault;
  return ended;
}

function placeOf(place: string, { stdout }: Stdio): LinePlace {
  if (place === STANDARD_STREAM) return { kind: "stream", stream: stdout };
  if (place.startsWith("unix:")) return unixSocket("--events", place.slice("unix:".length));
  return { kind: "file", path: place };
}
