/** Rows made of rows: logging after the fact. */
import { check } from "../../../../options/check.js";
import { call, exactly } from "../../../../options/codecs.js";
import type { QueryOperator } from "../query.js";
import { mapped } from "./mapped.js";

/** @throws {OptionError} */
export function select<Row, Next>(project: (row: Row) => Next): QueryOperator<Row, Next> {
  check("select", exactly<{ readonly project: unknown }>({ project: call }), { project });
  return mapped((row, emit) => {
    emit(project(row));
  });
}
