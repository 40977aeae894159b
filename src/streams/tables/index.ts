/** Rows for other tools, as files: the entry `foldvm/parquet`, which the main one does not load. */
export { toParquet, type ParquetOptions } from "./parquet.js";
export { COLUMNS, type Columns, type ColumnType } from "../past/query/columns.js";
