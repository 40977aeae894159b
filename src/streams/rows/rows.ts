/** The one source of what tools on streams read: a recording's events, and on request what questions find, in order. */
import { defer, from, type Observable } from "rxjs";

import { check } from "../../options/check.js";
import { distance, exactly, maybe, whole } from "../../options/codecs.js";
import { aRecording } from "../../options/parts.js";
import type { Query } from "../past/query/index.js";
import type { RowOfHart } from "../past/query/row.js";
import type { Recording } from "../past/recording.js";
import { QUESTIONS_BY_KIND, type QuestionsByKind } from "./questions-by-kind.js";
import { merged, type RowSource } from "./merged.js";
import { isWantedEvent, WANTED_EVENTS, type WantedEvents } from "./wanted-events.js";
import { originOf, eventRow, type EventRow, type StreamRow } from "./row.js";

export interface RowsOptions {
  /** Whether the recording's events are among them, or which. Default: true. */
  readonly events?: WantedEvents | undefined;
  /** The first event's seq. Default: 1. */
  readonly fromSeq?: number | undefined;
  /** The last event's seq. Default: that of the recording's last one. */
  readonly untilSeq?: number | undefined;
  /** What else: by the word that is to be its rows' `kind`, a question about the same recording. */
  readonly questions?: QuestionsByKind | undefined;
}

/** Read with `for await`, what it comes from stands still while nobody reads. Each reader reads it anew. */
export interface RowStream extends Observable<StreamRow>, AsyncIterable<StreamRow> {}

/**
 * In the order in which it happened; at one position, events come first. Without questions nothing is replayed.
 * @throws {OptionError}; what reads it: {LogError}, {Divergence}
 */
export function rows(recording: Recording, options: RowsOptions = {}): RowStream {
  check("rows", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  check("rows", OPTIONS, options);
  const { events = true, fromSeq = 1, untilSeq = Infinity, questions = {} } = options;
  const sources = (): RowSource<StreamRow>[] => [
    ...(events === false ? [] : [eventRows(recording, events, { fromSeq, untilSeq })]),
    ...Object.entries(questions).map(([kind, query]) => foundRows(kind, query)),
  ];
  const open = (): AsyncGenerator<StreamRow, void> => merged(sources());
  return Object.assign(
    defer(() => from(open())),
    { [Symbol.asyncIterator]: open },
  );
}

function* eventRows(
  recording: Recording,
  wanted: WantedEvents,
  { fromSeq, untilSeq }: { readonly fromSeq: number; readonly untilSeq: number },
): Generator<EventRow, void> {
  const hart = recording.config.harts === 1 ? 0 : undefined;
  for (const event of recording.eventsFrom(fromSeq)) {
    if (event.seq > untilSeq) return;
    if (isWantedEvent(wanted, originOf(event))) yield eventRow(event, hart);
  }
}

async function* foundRows(kind: string, query: Query<RowOfHart>): AsyncGenerator<StreamRow, void> {
  for await (const row of query) yield { kind, ...row };
}

const OPTIONS = exactly<RowsOptions>({
  events: maybe(WANTED_EVENTS),
  fromSeq: maybe(distance),
  untilSeq: maybe(whole),
  questions: maybe(QUESTIONS_BY_KIND),
});
