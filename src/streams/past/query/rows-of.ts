/** Makes rows of what is found, as few or as many at a time. */
import type { Reading } from "./question.js";

export class RowsOf<Row> {
  private rows: Row[] = [];
  private readonly emit = (row: Row): void => {
    this.rows.push(row);
  };

  constructor(private readonly reading: Pick<Reading<Row>, "take" | "end">) {}

  of(finds: readonly unknown[]): readonly Row[] {
    for (const found of finds) this.reading.take(found, this.emit);
    return this.taken();
  }

  /** After the last one. */
  end(): readonly Row[] {
    this.reading.end?.(this.emit);
    return this.taken();
  }

  private taken(): readonly Row[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }
}
