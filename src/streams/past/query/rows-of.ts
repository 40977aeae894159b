/** Makes rows of what is found, as few or as many at a time. */
import type { Reading } from "./question.js";

export class RowsOf<Row> {
  private rows: Row[] = [];
  private readonly emit = (row: Row): void => {
    this.rows.push(row);
  };

  constructor(private readonly reading: Pick<Reading<Row>, "take" | "end" | "more" | "leave">) {}

  *of(finds: readonly unknown[]): Generator<readonly Row[], void> {
    for (const found of finds) this.reading.take(found, this.emit);
    yield* this.taken();
  }

  /** After the last one. */
  *end(): Generator<readonly Row[], void> {
    this.reading.end?.(this.emit);
    yield* this.taken();
  }

  leave(): void {
    this.reading.leave?.();
  }

  private *taken(): Generator<readonly Row[], void> {
    const { rows } = this;
    this.rows = [];
    yield rows;
    if (this.reading.more !== undefined) yield* this.reading.more();
  }
}
