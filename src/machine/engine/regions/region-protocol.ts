/** How the interpreter calls a region, and the meaning of its result. */
import type { Signature } from "../../wasm/module-builder.js";

/** (virtual address of the entry's page, budget, entry) -> the budget left, with flags above it. */
export const REGION_SIGNATURE: Signature = { parameters: ["i64", "i32", "i32"], results: ["i32"] };
export const BUDGET_LEFT = (1 << 29) - 1;
/** The interpreter must execute the instruction at `pc` itself, even if a region begins there. */
export const HANDED_OVER = 1 << 30;
/** Nothing was executed: the region relies on `directRam`, which does not hold. */
export const NOT_DIRECT = 1 << 31;
/** Handed over because the group of accesses that begins with the instruction lies in two pages. */
export const LIES_APART = 1 << 29;
