/** How the interpreter calls compiled code, how it goes on to other code, and the meaning of its results. */
import type { Signature } from "../../wasm/module-builder.js";

/** (virtual address of the entry's page, budget, entry) -> the budget left, with flags above it. */
export const CODE_SIGNATURE: Signature = { parameters: ["i64", "i32", "i32"], results: ["i32"] };
export const BUDGET_LEFT = (1 << 29) - 1;
/** The interpreter must execute the instruction at `pc` itself, even if compiled code begins there. */
export const HANDED_OVER = 1 << 30;
/** Nothing was executed: the code relies on `directRam`, which does not hold. */
export const NOT_DIRECT = 1 << 31;
/** Handed over because the group of accesses that begins with the instruction lies in two pages. */
export const LIES_APART = 1 << 29;

/**
 * The interpreter's functions that compiled code ends with, by tail calls, in the order of their indices in each
 * module. See ways-out.ts.
 */
export const WAYS_OUT = ["dispatch", "exit", "handOver"] as const;
export type WayOut = (typeof WAYS_OUT)[number];
