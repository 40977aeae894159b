/** How the interpreter calls a region, and what it is told by what comes back. */
import type { Signature } from "../../wasm/module-builder.js";

/** (the virtual address of the entry's page, budget, entry) -> the budget left, and flags above it. */
export const REGION_SIGNATURE: Signature = { parameters: ["i64", "i32", "i32"], results: ["i32"] };
export const BUDGET_LEFT = (1 << 29) - 1;
/** The interpreter must execute the instruction at `pc` itself, even where a region begins there. */
export const HANDED_OVER = 1 << 30;
/** Nothing was executed: the region relies on `directRam`, which does not hold. */
export const NOT_DIRECT = 1 << 31;
/** … since a group of accesses that begins with it lies in two pages. */
export const LIES_APART = 1 << 29;
