/**
 * The raw bytes of an events segment: columns, not rows, since equal fields next to each other are what LZ4 compresses.
 * First the kind of every event; then, for each kind that occurs, by wireId, the column of its icount deltas (each against
 * the event before it in the stream, whatever its kind) and one column per field. docs/log-format.md has it byte by byte.
 */
import type { PositionedEvent } from "../../reducers/events.js";
import { ByteReader, BytesEnded, ByteWriter, MalformedBytes } from "./bytes.js";
import { checkEvent } from "./event-boundary.js";
import type { EventLayout, KindLayout } from "./event-layout.js";
import type { LogErrorCode, LogPlace } from "./log-error.js";
import { LogError } from "./log-error.js";
import type { UncheckedEvent } from "./event-boundary.js";

/** Collects events and lays them out; grows by what the events need, so that its size is known at any time. */
export class EventColumns {
  readonly #kinds = new ByteWriter();
  readonly #tables = new Map<number, KindTable>();
  #count = 0;
  #lastIcount = 0;

  constructor(private readonly layout: EventLayout) {}

  get count(): number {
    return this.#count;
  }

  get rawSize(): number {
    let size = this.#kinds.length;
    for (const table of this.#tables.values()) size += table.size;
    return size;
  }

  /** The event must have been checked: it is laid out as it is. */
  append({ icount, event }: PositionedEvent): void {
    const kind = this.layout.byType.get(event.type);
    if (kind === undefined) throw new Error(`no layout for ${event.type}`);
    let table = this.#tables.get(kind.wireId);
    if (table === undefined) this.#tables.set(kind.wireId, (table = new KindTable(kind)));
    this.#kinds.varint(kind.wireId);
    table.append(this.#count === 0 ? 0 : icount - this.#lastIcount, event);
    this.#lastIcount = icount;
    this.#count++;
  }

  /** The segment's raw bytes; begins anew after that. */
  take(): Uint8Array {
    const out = new ByteWriter();
    out.bytes(this.#kinds.view());
    for (const wireId of [...this.#tables.keys()].sort((a, b) => a - b)) this.#tables.get(wireId)?.writeTo(out);
    this.#kinds.clear();
    this.#tables.clear();
    this.#count = 0;
    return out.view();
  }
}

class KindTable {
  readonly #deltas = new ByteWriter();
  readonly #columns: { readonly out: ByteWriter; previous: unknown }[];

  constructor(private readonly kind: KindLayout) {
    this.#columns = kind.fields.map(({ codec }) => ({ out: new ByteWriter(), previous: codec.initial }));
  }

  get size(): number {
    return this.#columns.reduce((sum, { out }) => sum + out.length, this.#deltas.length);
  }

  append(icountDelta: number, event: UncheckedEvent): void {
    this.#deltas.varint(icountDelta);
    for (const [index, { name, codec }] of this.kind.fields.entries()) {
      const column = this.#columns[index];
      if (column === undefined) continue;
      codec.write(column.out, event[name], column.previous);
      column.previous = event[name];
    }
  }

  writeTo(out: ByteWriter): void {
    out.bytes(this.#deltas.view());
    for (const column of this.#columns) out.bytes(column.out.view());
  }
}

/** Where a segment's events stand. */
export interface EventRange {
  readonly firstSeq: number;
  readonly firstIcount: number;
  readonly count: number;
}

/** Brings an event of an older format to the current one. */
export type Upcast = (event: UncheckedEvent) => UncheckedEvent;

/** The events of a segment; throws LogError with `place`, seq and field for whatever is not as the format says. */
export const decodeEvents = (
  raw: Uint8Array,
  { firstSeq, firstIcount, count }: EventRange,
  { layout, upcast }: { readonly layout: EventLayout; readonly upcast: Upcast },
  place: LogPlace,
): PositionedEvent[] => {
  const input = new ByteReader(raw);
  const fail = (code: LogErrorCode, reason: string, row?: number, field?: string): LogError => {
    const seq = row === undefined ? {} : { seq: firstSeq + row };
    return new LogError(code, reason, { ...place, ...seq, ...(field === undefined ? {} : { field }) });
  };
  const guarded = <T>(row: number, field: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MalformedBytes)) throw error;
      const code = error instanceof BytesEnded ? "COUNT_MISMATCH" : "INVALID_EVENT";
      throw fail(code, `${error.message}; no reader can make sense of this segment: record again`, row, field);
    }
  };

  const rowsOfKind = new Map<number, number[]>();
  for (let row = 0; row < count; row++) {
    const wireId = guarded(row, "kind", () => input.varint());
    if (!layout.byWireId.has(wireId)) {
      throw fail("UNKNOWN_EVENT", `event kind ${String(wireId)} is unknown; a newer foldvm may read it`, row, "kind");
    }
    const rows = rowsOfKind.get(wireId);
    if (rows === undefined) rowsOfKind.set(wireId, [row]);
    else rows.push(row);
  }

  const deltas = new Array<number>(count).fill(0);
  const unchecked = new Array<UncheckedEvent>(count);
  for (const wireId of [...rowsOfKind.keys()].sort((a, b) => a - b)) {
    const kind = layout.byWireId.get(wireId);
    const rows = rowsOfKind.get(wireId);
    if (kind === undefined || rows === undefined) continue;
    const { type, fields } = kind;
    const records = rows.map((): Record<string, unknown> & { type: string } => ({ type }));
    for (const row of rows) deltas[row] = guarded(row, "icount", () => input.varint());
    for (const { name, codec } of fields) {
      let previous = codec.initial;
      for (const [index, row] of rows.entries()) {
        previous = guarded(row, name, () => codec.read(input, previous));
        (records[index] as Record<string, unknown>)[name] = previous;
      }
    }
    for (const [index, row] of rows.entries()) unchecked[row] = records[index] as UncheckedEvent;
  }
  if (input.remaining > 0) {
    throw fail("COUNT_MISMATCH", `${String(input.remaining)} bytes follow the ${String(count)} events of the segment`);
  }
  if (deltas[0] !== 0) throw fail("OUT_OF_ORDER", "its first event is not where the segment begins", 0, "icount");

  let icount = firstIcount;
  return unchecked.map((event, row) => {
    icount += deltas[row] ?? 0;
    if (!Number.isSafeInteger(icount)) throw fail("OUT_OF_ORDER", "its icount is above 2^53 - 1", row, "icount");
    const checked = checkEvent(upcast(event));
    if ("fault" in checked) throw fail(checked.fault, checked.reason, row, checked.field);
    return { seq: firstSeq + row, icount, event: checked.event };
  });
};
