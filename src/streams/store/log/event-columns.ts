/**
 * The raw bytes of an events segment: columns, not rows, since equal fields next to each other are what LZ4 compresses.
 * First the kind of every event; then, for each kind that occurs, by wireId, the column of its icount deltas (each against
 * the event before it in the stream, whatever its kind) and one column per field. docs/log-format.md has it byte by byte.
 */
import { ByteWriter } from "../../../machine/byte-writer.js";
import type { UncheckedEvent } from "./event-boundary.js";
import type { EventLayout, Field, KindLayout } from "./event-layout.js";

/** A column's room at first: most stay short. */
const COLUMN_BYTES = 64;

/** Collects events and lays them out; grows by what the events need, so that its size is known at any time. */
export class EventColumns {
  readonly #kinds = new ByteWriter(COLUMN_BYTES);
  readonly #tables = new Map<string, KindTable>();
  /** All of the tables'. */
  readonly #columns: ByteWriter[] = [];
  /** Of the last event: in a storm the next one is of the same kind. */
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

  /** The event must have been checked: it is laid out as it is. */
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

  /** The segment's raw bytes; begins anew after that, with the tables that it has. */
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

/** In the order in which they stand in the segment. */
const writersOf = ({ deltas, fields }: KindTable): readonly ByteWriter[] => [deltas, ...fields.map(({ out }) => out)];
