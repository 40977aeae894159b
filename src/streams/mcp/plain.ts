/** A row as JSON has it: 64-bit values are decimal texts, bytes hexadecimal. */
export const plain = (row: object): unknown =>
  JSON.parse(
    JSON.stringify(row, (_name, value: unknown) =>
      typeof value === "bigint"
        ? value.toString()
        : value instanceof Uint8Array
          ? Buffer.from(value).toString("hex")
          : value,
    ),
  );
