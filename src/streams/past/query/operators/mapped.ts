/** What operators have in common that look at one row at a time. */
import type { QueryOperator } from "../query.js";

/** `step` emits what comes of a row. */
export const mapped =
  <Row, Next>(step: (row: Row, emit: (next: Next) => void) => void): QueryOperator<Row, Next> =>
  (query) =>
    query.read((own) => ({
      ...own,
      take(found, emit) {
        own.take(found, (row) => {
          step(row, emit);
        });
      },
      end(emit) {
        own.end?.((row) => {
          step(row, emit);
        });
      },
      *more() {
        for (const rows of own.more?.() ?? []) {
          const next: Next[] = [];
          for (const row of rows) step(row, (one) => next.push(one));
          yield next;
        }
      },
    }));
