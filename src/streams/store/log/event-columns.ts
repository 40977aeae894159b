/**
 * The raw bytes of an events segment. They are in columns and not in rows, because LZ4 compresses equal fields best if
 * they are adjacent. First comes the kind of every event. Then, for each kind that occurs, ordered by wireId: the
 * column of icount deltas, and one column per field. Each delta refers to the previous event of any kind.
 * docs/log-format.md describes every byte.
 */
import { ByteWriter } from "../../../machine/byte-writer.js";
import type { UncheckedEvent } from "../../../reducers/event-boundary.js";
import type { EventLayout, Field, KindLayout } from "./event-layout.js";

/** The initial size of a column: most stay short. */
const COLUMN_BYTES = 64;

/** Collects events and lays them out. It grows as events come, so its size is always known. */
export class EventColumns {
  readonly #kinds = new ByteWriter(COLUMN_BYTES);
  readonly #tables = new Map<string, KindTable>();
  /** The columns of all tables. */
  readonly #columns: ByteWriter[] = [];
  /** The kind of the last event: in a burst of interrupts, the next one is often of the same kind. */
  #last: KindTable | undefined;
  #count = 0;
  #lastIcount = 0;

  constructor(private readonly layout: EventLayout) {}

  get count(): number {
    return this.#count;
  }

  get rawSize(): number {
    let size = this.#kinds.length;
    for (const column of this.#columns) size += column.length;
    return size;
  }

  /** Appends an event without a check. The caller must have checked it. */
  append({ icount, event }: { readonly icount: number; readonly event: UncheckedEvent }): void {
    const table = this.#last?.type === event.type ? this.#last : this.#tableOf(event.type);
    this.#last = table;
    this.#kinds.unsignedSafe(table.wireId);
    table.deltas.unsignedSafe(this.#count === 0 ? 0 : icount - this.#lastIcount);
    for (const column of table.fields) {
      const value = event[column.name];
      column.codec.write(column.out, value, column.previous);
      column.previous = value;
    }
    this.#lastIcount = icount;
    this.#count++;
  }

  /** Returns the segment's raw bytes and starts an empty segment. The tables are used again. */
  take(): Uint8Array {
    const out = new ByteWriter(COLUMN_BYTES);
    out.append(this.#kinds.view());
    this.#kinds.clear();
    for (const table of [...this.#tables.values()].sort((a, b) => a.wireId - b.wireId)) {
      for (const column of writersOf(table)) {
        out.append(column.view());
        column.clear();
      }
      for (const field of table.fields) field.previous = field.codec.initial;
    }
    this.#count = 0;
    return out.view();
  }

  #tableOf(type: string): KindTable {
    const begun = this.#tables.get(type);
    if (begun !== undefined) return begun;
    const kind = this.layout.byType.get(type);
    if (kind === undefined) throw new Error(`no layout for ${type}`);
    const table = tableOf(kind);
    this.#tables.set(type, table);
    this.#columns.push(...writersOf(table));
    return table;
  }
}

/** All events of one kind. */
interface KindTable {
  readonly type: string;
  readonly wireId: number;
  readonly deltas: ByteWriter;
  readonly fields: readonly FieldColumn[];
}

interface FieldColumn extends Field {
  readonly out: ByteWriter;
  previous: unknown;
}

const tableOf = ({ type, wireId, fields }: KindLayout): KindTable => ({
  type,
  wireId,
  deltas: new ByteWriter(COLUMN_BYTES),
  fields: fields.map(({ name, codec }) => ({
    name,
    codec,
    out: new ByteWriter(COLUMN_BYTES),
    previous: codec.initial,
  })),
});

/** In the order of the segment. */
const writersOf = ({ deltas, fields }: KindTable): readonly ByteWriter[] => [deltas, ...fields.map(({ out }) => out)];
