/** Rows that a predicate holds for. */
import { check } from "../../../../options/check.js";
import { call, exactly } from "../../../../options/codecs.js";
import type { QueryOperator } from "../query.js";
import { mapped } from "./mapped.js";

/** @throws {OptionError} */
export function where<Row>(predicate: (row: Row) => boolean): QueryOperator<Row, Row> {
  check("where", exactly<{ readonly predicate: unknown }>({ predicate: call }), { predicate });
  return mapped((row, emit) => {
    if (predicate(row)) emit(row);
  });
}
