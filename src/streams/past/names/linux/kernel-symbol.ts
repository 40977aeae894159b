/** A symbol as a kernel tells it: its kind is a letter, as `nm` prints it. */
import type { Symbol } from "../../../../machine/symbol-table.js";

/** `sizeBytes` 0: it reaches to the next one. */
export const kernelSymbol = (name: string, address: bigint, kind: string, sizeBytes = 0n): Symbol => ({
  name,
  address: BigInt.asUintN(64, address),
  sizeBytes,
  kind: isCodeKind(kind) ? "function" : "object",
});

/** Text, and weak symbols that are no objects. */
export const isCodeKind = (kind: string): boolean => CODE_KINDS.has(kind);

const CODE_KINDS = new Set(["t", "T", "w", "W"]);
