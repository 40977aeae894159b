/** The events of a segment, from its raw bytes: all columns at once, and then one event after the other. */
import type { PositionedEvent } from "../../reducers/events.js";
import { ByteReader, BytesEnded, MalformedBytes } from "./bytes.js";
import { faultOf, isEvent, type UncheckedEvent } from "./event-boundary.js";
import type { EventLayout, Field, KindLayout } from "./event-layout.js";
import type { LogErrorCode, LogPlace } from "./log-error.js";
import { LogError } from "./log-error.js";

/** Where a segment's events stand. */
export interface EventRange {
  readonly firstSeq: number;
  readonly firstIcount: number;
  readonly count: number;
}

/** How the events of one format version become those of the current one. */
export interface EventFormat {
  readonly layout: EventLayout;
  readonly upcast: (event: UncheckedEvent) => UncheckedEvent;
}

/** Events are made when they are asked for: a long segment's would all be alive at once, and cost more to collect than to make. */
export class SegmentEvents {
  /** Of each event, its kind's. */
  readonly #tables: KindColumns[] = [];
  #row = 0;
  #icount: number;

  /** Throws LogError with `place`, seq and field for bytes that are not as the format says. */
  constructor(
    raw: Uint8Array,
    private readonly range: EventRange,
    private readonly format: EventFormat,
    private readonly place: LogPlace,
  ) {
    this.#icount = range.firstIcount;
    const input = new ByteReader(raw);
    for (const table of this.#readKinds(input)) this.#readColumns(table, input);
    if (input.remaining > 0) {
      const what = `${String(input.remaining)} bytes follow the ${String(range.count)} events of the segment`;
      throw this.#fail("COUNT_MISMATCH", what);
    }
    if (this.#tables[0]?.deltas[0] !== 0) {
      throw this.#fail("OUT_OF_ORDER", "its first event is not where the segment begins", 0, "icount");
    }
  }

  /** Undefined after the last. Throws LogError for one that is not as its codec says. */
  next(): PositionedEvent | undefined {
    const row = this.#row;
    const table = this.#tables[row];
    if (table === undefined) return undefined;
    this.#row = row + 1;
    const icount = this.#icount + table.advance();
    if (!Number.isSafeInteger(icount)) throw this.#fail("OUT_OF_ORDER", "its icount is above 2^53 - 1", row, "icount");
    this.#icount = icount;
    const event = this.format.upcast(table.event());
    if (isEvent(event)) return { seq: this.range.firstSeq + row, icount, event };
    const { code, reason, field } = faultOf(event);
    throw this.#fail(code, reason, row, field);
  }

  /** The kinds that occur, by wireId. */
  #readKinds(input: ByteReader): readonly KindColumns[] {
    const tables = new Map<number, KindColumns>();
    this.#guarded(
      () => {
        while (this.#tables.length < this.range.count) this.#tables.push(this.#counted(tables, input.varint()));
      },
      () => [this.#tables.length, "kind"],
    );
    return [...tables.values()].sort((a, b) => a.kind.wireId - b.kind.wireId);
  }

  #counted(tables: Map<number, KindColumns>, wireId: number): KindColumns {
    let table = tables.get(wireId);
    if (table === undefined) {
      const kind = this.format.layout.byWireId.get(wireId);
      if (kind === undefined) {
        const what = `event kind ${String(wireId)} is unknown; a newer foldvm may read it`;
        throw this.#fail("UNKNOWN_EVENT", what, this.#tables.length, "kind");
      }
      tables.set(wireId, (table = new KindColumns(kind)));
    }
    table.count += 1;
    return table;
  }

  #readColumns(table: KindColumns, input: ByteReader): void {
    const rowOf = (index: number): number =>
      this.#tables.flatMap((one, row) => (one === table ? [row] : []))[index] ?? 0;
    const read = <T>(values: T[], name: string, first: T, value: (previous: T) => T): void => {
      this.#guarded(
        () => {
          let previous = first;
          while (values.length < table.count) values.push((previous = value(previous)));
        },
        () => [rowOf(values.length), name],
      );
    };
    read(table.deltas, "icount", 0, () => input.varint());
    for (const { name, codec, values } of table.fields) {
      read(values, name, codec.initial, (previous) => codec.read(input, previous));
    }
  }

  #guarded(read: () => void, where: () => readonly [row: number, field: string]): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof MalformedBytes)) throw error;
      const code = error instanceof BytesEnded ? "COUNT_MISMATCH" : "INVALID_EVENT";
      throw this.#fail(code, `${error.message}; no reader can make sense of this segment: record again`, ...where());
    }
  }

  #fail(code: LogErrorCode, reason: string, row?: number, field?: string): LogError {
    const seq = row === undefined ? {} : { seq: this.range.firstSeq + row };
    return new LogError(code, reason, { ...this.place, ...seq, ...(field === undefined ? {} : { field }) });
  }
}

/** The values of one kind of event, and which of its events is the present one. */
class KindColumns {
  count = 0;
  readonly deltas: number[] = [];
  readonly fields: readonly (Field & { readonly values: unknown[] })[];
  #present = -1;

  constructor(readonly kind: KindLayout) {
    this.fields = kind.fields.map((field) => ({ ...field, values: [] }));
  }

  /** Goes to the next event. Returns its icount delta. */
  advance(): number {
    this.#present += 1;
    return this.deltas[this.#present] ?? 0;
  }

  event(): UncheckedEvent {
    const event: Record<string, unknown> & { type: string } = { type: this.kind.type };
    for (const { name, values } of this.fields) event[name] = values[this.#present];
    return event;
  }
}
