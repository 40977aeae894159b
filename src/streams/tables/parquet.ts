/** Rows as a Parquet file, a group of them at a time: memory stays bounded, however many there are. */
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js";

import { check } from "../../options/check.js";
import { distance, exactly, maybe, oneOf, value } from "../../options/codecs.js";
import { jsonRow } from "../past/query/ndjson.js";
import type { Columns, ColumnType } from "../past/query/columns.js";
import { someRows, type Rows } from "../past/query/rows.js";

export interface ParquetOptions {
  /** What of a row becomes a column, and its type. */
  readonly columns: Columns;
  /** So many are in memory at once (65,536). */
  readonly rowsAGroup?: number | undefined;
}

/**
 * The file, piece by piece, as the rows come. A member that a row has not is null. @throws {OptionError} also for a
 * value that is not of its column's type
 */
export function toParquet(rows: Rows, options: ParquetOptions): AsyncGenerator<Uint8Array, void> {
  check("toParquet", exactly<{ readonly rows: Rows }>({ rows: someRows }), { rows });
  check("toParquet", exactly<ParquetOptions>({ columns: COLUMNS, rowsAGroup: maybe(distance) }), options);
  return piecesOf(rows, options);
}

async function* piecesOf(
  rows: Rows,
  { columns, rowsAGroup = DEFAULT_ROWS }: ParquetOptions,
): AsyncGenerator<Uint8Array, void> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({ writer: bytes, schema: schemaOf(columns), createdBy: "foldvm" });
  let group: unknown[] = [];
  for await (const row of rows) {
    group.push(row);
    if (group.length < rowsAGroup) continue;
    yield written(bytes, file, columns, group);
    group = [];
  }
  if (group.length > 0) yield written(bytes, file, columns, group);
  void file.finish();
  yield taken(bytes);
}

const DEFAULT_ROWS = 1 << 16;

const TYPES = [
  "int32",
  "safe",
  "int64",
  "uint64",
  "uint64[]",
  "text",
  "flag",
  "json",
] as const satisfies readonly ColumnType[];
const TYPE = oneOf(...TYPES);
const COLUMNS = value(
  `an object of columns' names and types: ${TYPES.join(", ")}`,
  (given) =>
    typeof given === "object" &&
    given !== null &&
    Object.keys(given).length > 0 &&
    Object.values(given).every((type) => TYPE.is(type)),
);

type Schema = ConstructorParameters<typeof ParquetWriter>[0]["schema"];
type Element = Schema[number];

const UNSIGNED = { type: "INT64", converted_type: "UINT_64" } as const satisfies Partial<Element>;

const ELEMENTS: Readonly<Record<Exclude<ColumnType, "uint64[]">, Omit<Element, "name">>> = {
  int32: { type: "INT32" },
  safe: { type: "INT64" },
  int64: { type: "INT64" },
  uint64: UNSIGNED,
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  flag: { type: "BOOLEAN" },
  json: { type: "BYTE_ARRAY", converted_type: "JSON" },
};

/** Every column may be null: a device has no pc. A list is as the format wants it, in three levels. */
const schemaOf = (columns: Columns): Schema => [
  { name: "rows", num_children: Object.keys(columns).length },
  ...Object.entries(columns).flatMap(([name, type]): Element[] =>
    type === "uint64[]"
      ? [
          { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
          { name: "list", repetition_type: "REPEATED", num_children: 1 },
          { name: "element", repetition_type: "REQUIRED", ...UNSIGNED },
        ]
      : [{ name, repetition_type: "OPTIONAL", ...ELEMENTS[type] }],
  ),
];

function written(bytes: ByteWriter, file: ParquetWriter, columns: Columns, group: readonly unknown[]): Uint8Array {
  const columnData = Object.entries(columns).map(([name, type]) => ({
    name,
    data: group.map((row) => cell(name, type, (row as Readonly<Record<string, unknown>>)[name])),
  }));
  void file.write({ columnData, rowGroupSize: group.length });
  return taken(bytes);
}

/** What was written since; the offsets in the file go on. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = new Uint8Array(bytes.buffer, 0, bytes.index).slice();
  bytes.index = 0;
  return piece;
}

/** As the writer wants it. @throws {OptionError} */
function cell(name: string, type: ColumnType, given: unknown): unknown {
  if (given === undefined || given === null) return null;
  if (!CELLS[type].is(given)) check(`toParquet: ${name}`, CELLS[type], given);
  if (type === "uint64[]") return (given as readonly unknown[]).map((one) => unsigned(one as bigint | number));
  if (type === "uint64") return unsigned(given as bigint | number);
  // The writer makes JSON of it, but not of bigints.
  if (type === "json") return JSON.parse(jsonRow(given)) as unknown;
  return type === "safe" || type === "int64" ? BigInt(given as bigint | number) : given;
}

const unsigned = (given: bigint | number): bigint => BigInt.asUintN(64, BigInt(given));

const isWhole = (given: unknown): boolean => typeof given === "bigint" || Number.isSafeInteger(given);
const fits =
  (bits: number, wrapped: (bits: number, value: bigint) => bigint) =>
  (given: unknown): boolean => {
    if (!isWhole(given)) return false;
    const whole = BigInt(given as bigint | number);
    return whole === wrapped(bits, whole);
  };
const signed = (bits: number, whole: bigint): bigint => BigInt.asIntN(bits, whole);
const WORD = fits(64, (bits, whole) => BigInt.asUintN(bits, whole));

const CELLS: Readonly<Record<ColumnType, ReturnType<typeof value>>> = {
  int32: value("a whole number of 32 bits", (given) => typeof given === "number" && fits(32, signed)(given)),
  safe: value("a whole number", Number.isSafeInteger),
  int64: value("a whole number of 64 bits", fits(64, signed)),
  uint64: value("a whole number of 64 bits, 0 or more", WORD),
  "uint64[]": value("a list of whole numbers of 64 bits", (given) => Array.isArray(given) && given.every(WORD)),
  text: value("a text", (given) => typeof given === "string"),
  flag: value("true or false", (given) => typeof given === "boolean"),
  json: value("what JSON can say", (given) => typeof given !== "function" && typeof given !== "symbol"),
};
