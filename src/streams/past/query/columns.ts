/** What type each member of a row has, whatever was asked: a member's name means the same in every answer. */

/** `safe`: a whole number up to 2^53; `flag`: true or false; `json`: anything, as JSON has it. */
export type ColumnType = "int32" | "safe" | "int64" | "uint64" | "uint64[]" | "text" | "flag" | "json";

/** Name to type, in the order of a row. */
export type Columns = Readonly<Record<string, ColumnType>>;

const OF_INSTANT = { seq: "safe", icount: "safe", ns: "int64" } as const satisfies Columns;

/** What the rows of all questions begin with. */
export const OF_HART = {
  ...OF_INSTANT,
  hart: "int32",
  pc: "uint64",
  function: "text",
  line: "text",
} as const satisfies Columns;

const OF_ACCESS = { by: "text", address: "uint64", bytes: "int32", value: "uint64" } as const satisfies Columns;

/** Of each question. */
export const COLUMNS = {
  writes: { ...OF_HART, ...OF_ACCESS, before: "uint64" },
  reads: { ...OF_HART, ...OF_ACCESS },
  visits: OF_HART,
  calls: {
    ...OF_HART,
    ...{ args: "uint64[]", parameters: "json", returnAddress: "uint64", caller: "text", returned: "json" },
  },
  traps: { ...OF_HART, cause: "text", isInterrupt: "flag", trapValue: "uint64", args: "uint64[]", returned: "json" },
  csrs: { ...OF_HART, csr: "text", value: "uint64", before: "uint64" },
  devices: {
    ...OF_HART,
    ...{ device: "text", access: "text", address: "uint64", bytes: "int32", value: "uint64" },
  },
  changes: { ...OF_HART, before: "json", value: "json" },
  output: { ...OF_HART, port: "text", text: "text", isUnfinished: "flag", mayBeCut: "flag" },
  switches: { ...OF_HART, pid: "int32", tgid: "int32", comm: "text", priority: "int32", previous: "json" },
  syscalls: {
    ...OF_HART,
    ...{ number: "int32", name: "text", args: "uint64[]", pid: "int32", tgid: "int32", comm: "text", returned: "json" },
  },
  signals: { ...OF_HART, signal: "text", bits: "int32", value: "uint64", isInitial: "flag" },
  printed: { ...OF_HART, port: "text", text: "text" },
} as const satisfies Readonly<Record<string, Columns>>;
