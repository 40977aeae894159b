/** Several ordered sources as one. */
import type { PlainPosition } from "../../reducers/position.js";

export type RowSource<Row> = Iterable<Row> | AsyncIterable<Row>;

/** In order of position; where two are at one, the earlier source's comes first. Nobody is read further than needed. */
export async function* merged<Row extends PlainPosition>(
  sources: readonly RowSource<Row>[],
): AsyncGenerator<Row, void> {
  const readers = sources.map((source) =>
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator](),
  );
  try {
    const heads = await Promise.all(readers.map(async (reader) => reader.next()));
    for (;;) {
      let first: number | undefined;
      for (const [index, { done, value }] of heads.entries()) {
        if (done === true) continue;
        const best = first === undefined ? undefined : heads[first];
        if (best === undefined || best.done === true || isBefore(value, best.value)) first = index;
      }
      const head = first === undefined ? undefined : heads[first];
      const reader = first === undefined ? undefined : readers[first];
      if (first === undefined || head === undefined || head.done === true || reader === undefined) return;
      yield head.value;
      const next = reader.next();
      // What need not be waited for is not: there may be a million of them.
      heads[first] = "then" in next ? await next : next;
    }
  } finally {
    for (const reader of readers) await reader.return?.();
  }
}

const isBefore = (one: PlainPosition, other: PlainPosition): boolean =>
  one.seq === other.seq ? one.icount < other.icount : one.seq < other.seq;
