/** Rows as CloudEvents 1.0: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md. */
import { check } from "../../../options/check.js";
import { exactly, maybe, value } from "../../../options/codecs.js";
import { someRows } from "../../past/query/rows.js";
import type { FormRow, FormRows } from "../form-rows.js";
import { rowLine } from "../ndjson.js";

export interface CloudEventsOptions {
  /** Who tells: a URI of the recording or the run, which no other has. Together with an `id` it is unique (§3.1.1). */
  readonly source: string;
  /** What types begin with: a domain of whoever publishes them, turned round (foldvm). */
  readonly typePrefix?: string | undefined;
  /** When the virtual clock was 0, where that has a meaning. Absent: an event has no `time`. */
  readonly startedAt?: Date | undefined;
}

/** An event with its context, as JSON has it. */
export interface CloudEvent {
  readonly specversion: "1.0";
  /** The row's place, its kind, and which of several there: the same whatever else is read of a recording. */
  readonly id: string;
  readonly source: string;
  /** `foldvm.uart16550.byteReceived` of an event, `foldvm.calls` of what a question found. */
  readonly type: string;
  readonly time?: string;
  readonly datacontenttype: "application/json";
  /** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/sequence.md: texts in the rows' order. */
  readonly sequence: string;
  /** The row, as NDJSON has it. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** One for each row, as they are read. @throws {OptionError} and what `rows` throws */
export function toCloudEvents(rows: FormRows, options: CloudEventsOptions): AsyncGenerator<CloudEvent, void> {
  check("toCloudEvents", exactly<{ readonly rows: FormRows }>({ rows: someRows }), { rows });
  const eventOf = cloudEventsFrom(options);
  return (async function* () {
    for await (const row of rows) yield eventOf(row as FormRow);
  })();
}

/** The same for who is told row by row. @throws {OptionError} */
export function cloudEventsFrom(options: CloudEventsOptions): (row: FormRow) => CloudEvent {
  check("toCloudEvents", OPTIONS, options);
  const { source, typePrefix = "foldvm", startedAt } = options;
  const ordinalOf = ordinals();
  return (row) => {
    const { seq, icount, ns, kind } = row;
    const place = `${String(seq)}-${String(icount)}`;
    const { ofKind, ofAll } = ordinalOf(place, kind);
    const time = startedAt && timeOf(startedAt, ns);
    return {
      specversion: "1.0",
      id: `${place}-${kind}-${String(ofKind)}`,
      source,
      type: `${typePrefix}.${typeof row["type"] === "string" ? row["type"].replaceAll("/", ".") : kind}`,
      ...(time !== undefined && { time }),
      datacontenttype: "application/json",
      sequence: [seq, icount, ofAll].map((number) => String(number).padStart(SAFE_DIGITS, "0")).join("-"),
      data: JSON.parse(rowLine(row as unknown as Parameters<typeof rowLine>[0])) as CloudEvent["data"],
    };
  };
}

/** Of 2^53 - 1. */
const SAFE_DIGITS = 16;

/** Which of the rows at one place it is, from 0, and of those of its kind there. Rows come in order. */
function ordinals(): (place: string, kind: string) => { readonly ofKind: number; readonly ofAll: number } {
  let last = "";
  let all = 0;
  const kinds = new Map<string, number>();
  return (place, kind) => {
    if (place !== last) {
      kinds.clear();
      all = 0;
    }
    last = place;
    const ofKind = kinds.get(kind) ?? 0;
    kinds.set(kind, ofKind + 1);
    return { ofKind, ofAll: all++ };
  };
}

const NS_A_MS = 1_000_000n;
const NS_A_SECOND = 1_000_000_000n;

/** RFC 3339, to the nanosecond. */
function timeOf(startedAt: Date, ns: bigint): string {
  const wholeNs = BigInt(startedAt.getTime()) * NS_A_MS + ns;
  const seconds = new Date(Number(wholeNs / NS_A_SECOND) * 1000).toISOString().slice(0, -".000Z".length);
  return `${seconds}.${String(wholeNs % NS_A_SECOND).padStart(9, "0")}Z`;
}

const OPTIONS = exactly<CloudEventsOptions>({
  source: value("a URI of the recording or run, not empty", (given) => typeof given === "string" && isUri(given)),
  typePrefix: maybe(value("a prefix, as com.example", (given) => typeof given === "string" && given !== "")),
  startedAt: maybe(value("a Date", (given) => given instanceof Date && given.getTime() >= 0)),
});

/** A URI-reference: something, without spaces. */
const isUri = (text: string): boolean => text !== "" && !/\s/.test(text);
