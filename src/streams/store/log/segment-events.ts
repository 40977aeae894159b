/** The events of a segment, from its raw bytes, one after the other. */
import type { MachineEvent, PositionedEvent } from "../../../reducers/events.js";
import type { Icount, Seq } from "../../../reducers/position.js";
import { ByteReader, BytesEnded, MalformedBytes } from "./bytes.js";
import { faultOf, isEvent, type UncheckedEvent } from "../../../reducers/event-boundary.js";
import type { EventLayout, Field, KindLayout } from "./event-layout.js";
import type { LogErrorCode, LogPlace } from "./log-error.js";
import { LogError } from "./log-error.js";
import { VARINT } from "./wire.js";

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

/**
 * Each column is read along as the events are asked for. All of a segment's at once would be alive together, and cost
 * more to collect than to make.
 */
export class SegmentEvents {
  readonly #kinds: ByteReader;
  readonly #tables = new Map<number, KindColumns>();
  #row = 0;
  #icount: number;

  /** Throws LogError with `place`, seq and field for bytes that do not hold what the range says. */
  constructor(
    raw: Uint8Array,
    private readonly range: EventRange,
    private readonly format: EventFormat,
    private readonly place: LogPlace,
  ) {
    this.#icount = range.firstIcount;
    this.#kinds = new ByteReader(raw);
    const input = new ByteReader(raw);
    for (let row = 0; row < range.count; row += 1)
      this.#count(this.#read(row, "kind", VARINT, input, 0) as number, row);
    const tables = [...this.#tables.values()].sort((a, b) => a.kind.wireId - b.kind.wireId);
    for (const table of tables) for (const column of table.columns) this.#find(column, table, input);
    if (input.remaining > 0) {
      const what = `${String(input.remaining)} bytes follow the ${String(range.count)} events of the segment`;
      throw this.#fail("COUNT_MISMATCH", what);
    }
  }

  /** Undefined after the last. Throws LogError for one that is not as the format and its codec say. */
  next(): PositionedEvent | undefined {
    const row = this.#row;
    if (row === this.range.count) return undefined;
    this.#row = row + 1;
    const table = this.#tableAt(this.#kinds);
    this.#icount = this.#icountAt(row, this.#next(row, table.deltas) as number);
    let isAsBefore = true;
    for (const field of table.fields) {
      const before = field.previous;
      if (this.#next(row, field) !== before) isAsBefore = false;
    }
    const event = (isAsBefore ? table.again() : undefined) ?? table.remember(this.#checked(row, table));
    return { seq: (this.range.firstSeq + row) as Seq, icount: this.#icount as Icount, event };
  }

  /** The event that the columns of a kind have come to. */
  #checked(row: number, { kind, fields }: KindColumns): MachineEvent {
    const unchecked: Record<string, unknown> & { type: string } = { type: kind.type };
    for (const { name, previous } of fields) unchecked[name] = previous;
    const event = this.format.upcast(unchecked);
    if (isEvent(event)) return event;
    const { code, reason, field } = faultOf(event);
    throw this.#fail(code, reason, row, field);
  }

  #count(wireId: number, row: number): void {
    let table = this.#tables.get(wireId);
    if (table === undefined) {
      const kind = this.format.layout.byWireId.get(wireId);
      if (kind === undefined) {
        const what = `event kind ${String(wireId)} is unknown; a newer foldvm may read it`;
        throw this.#fail("UNKNOWN_EVENT", what, row, "kind");
      }
      this.#tables.set(wireId, (table = new KindColumns(kind)));
    }
    table.count += 1;
  }

  /** The column begins here; goes on to where it ends. */
  #find(column: Column, table: KindColumns, input: ByteReader): void {
    column.input = input.fork();
    let index = 0;
    try {
      for (; index < table.count; index += 1) column.codec.skip(input);
    } catch (error) {
      throw this.#explained(error, this.#rowOf(table, index), column.name);
    }
  }

  #next(row: number, column: Column): unknown {
    return (column.previous = this.#read(row, column.name, column.codec, column.input, column.previous));
  }

  #read<T>(
    row: number,
    field: string,
    codec: { read(input: ByteReader, previous: T): T },
    input: ByteReader,
    previous: T,
  ): T {
    try {
      return codec.read(input, previous);
    } catch (error) {
      throw this.#explained(error, row, field);
    }
  }

  #icountAt(row: number, delta: number): number {
    if (row === 0 && delta !== 0) {
      throw this.#fail("OUT_OF_ORDER", "its first event is not where the segment begins", row, "icount");
    }
    const icount = this.#icount + delta;
    if (!Number.isSafeInteger(icount)) throw this.#fail("OUT_OF_ORDER", "its icount is above 2^53 - 1", row, "icount");
    return icount;
  }

  #tableAt(kinds: ByteReader): KindColumns {
    const table = this.#tables.get(kinds.varint());
    if (table === undefined) throw new Error("each kind has a table");
    return table;
  }

  #rowOf(table: KindColumns, index: number): number {
    const kinds = this.#kinds.fork();
    let left = index;
    for (let row = 0; row < this.range.count; row += 1) if (this.#tableAt(kinds) === table && left-- === 0) return row;
    throw new Error("no row has this place");
  }

  #explained(error: unknown, row: number, field: string): unknown {
    if (!(error instanceof MalformedBytes)) return error;
    const code = error instanceof BytesEnded ? "COUNT_MISMATCH" : "INVALID_EVENT";
    return this.#fail(code, `${error.message}; no reader can make sense of this segment: record again`, row, field);
  }

  #fail(code: LogErrorCode, reason: string, row?: number, field?: string): LogError {
    const seq = row === undefined ? {} : { seq: this.range.firstSeq + row };
    return new LogError(code, reason, { ...this.place, ...seq, ...(field === undefined ? {} : { field }) });
  }
}

/** The columns of one kind of event, in the order in which they stand in the segment. */
class KindColumns {
  count = 0;
  readonly deltas: Column;
  readonly fields: readonly Column[];
  /** The last one, as it was checked. */
  private event: MachineEvent | undefined;
  private isShared = false;

  constructor(readonly kind: KindLayout) {
    this.deltas = columnOf({ name: "icount", codec: VARINT });
    this.fields = kind.fields.map(columnOf);
  }

  /** The last event once more, for another that is equal: one value, which nobody can change for the others. */
  again(): MachineEvent | undefined {
    if (!this.isShared && this.event !== undefined) {
      Object.freeze(this.event);
      this.isShared = true;
    }
    return this.event;
  }

  remember(event: MachineEvent): MachineEvent {
    this.isShared = false;
    return (this.event = event);
  }

  get columns(): readonly Column[] {
    return [this.deltas, ...this.fields];
  }
}

interface Column extends Field {
  /** Where its next value stands. */
  input: ByteReader;
  previous: unknown;
}

const columnOf = ({ name, codec }: Field): Column => ({ name, codec, input: NOTHING, previous: codec.initial });

const NOTHING = new ByteReader(new Uint8Array());
