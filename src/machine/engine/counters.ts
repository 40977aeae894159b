/**
 * An engine's counters for statistics. They count on slow paths only, are not part of the state, and nothing else reads
 * them.
 */
import { CompiledValues, type Code } from "./expressions/compiled-values.js";
import type { EngineMemory } from "./engine-memory.js";
import {
  COUNTERS_BASE,
  DECODER_TABLE,
  FETCH_TLB,
  HANDED_OVER_COUNTS,
  READ_TLB,
  TRAP_CAUSE_BITS,
  TRAP_CAUSES,
  TRAP_COUNTS,
  WRITE_TLB,
} from "./layout.js";
import type { Word, Words } from "./expressions/words.js";

export const COUNTERS = [
  /** Instructions that regions retired, and calls of regions. */
  "regionInsns",
  "regionRuns",
  /** Regions left because the budget was too small for the next block. */
  "regionBudgetExits",
  /** Loads and stores that missed the TLB, whatever the outcome. */
  "slowLoads",
  "slowStores",
  "readFills",
  "writeFills",
  "fetchFills",
  /** Instructions decoded into slots. */
  "decoded",
  /** Instructions fetched one by one: they straddle two pages, or PMP splits their page. */
  "loneFetches",
  /** Pages that were stored to so often that they are no code pages any more. */
  "codeToData",
  /** How often all translations were dropped. */
  "translationFlushes",
] as const;
export type Counter = (typeof COUNTERS)[number];

const COUNTER_BYTES = 8;
const addressOf = (counter: Counter): number => COUNTERS_BASE + COUNTERS.indexOf(counter) * COUNTER_BYTES;

/** Adds one, or `amount`. */
export function countUp(w: Words, counter: Counter, amount?: Word): void {
  add(w, w.i32(0), addressOf(counter), amount === undefined ? w.i64(1n) : w.zeroExtend(amount));
}

/** Adds one to an entry of a table. */
function countEntry(w: Words, table: number, index: Word): void {
  add(w, w.mul(index, w.i32(COUNTER_BYTES)), table, w.i64(1n));
}

function add(w: Words, offset: Word, base: number, amount: Code): void {
  const v = new CompiledValues(w.asm);
  w.store("i64.store", offset, base, v.add(w.load("i64.load", offset, base), amount));
}

/** A region handed an instruction with this handler to the interpreter. */
export const countHandedOver = (w: Words, handler: Word): void => {
  countEntry(w, HANDED_OVER_COUNTS, handler);
};

/** A trap was taken. `cause` is xcause. */
export const countTrap = (w: Words, cause: Code): void => {
  const v = new CompiledValues(w.asm);
  const number = v.and(cause, v.i64(BigInt(TRAP_CAUSES - 1)));
  const isInterrupt = v.shrU(cause, v.i64(63n));
  countEntry(w, TRAP_COUNTS, w.low(v.or(number, v.shl(isInterrupt, v.i64(BigInt(TRAP_CAUSE_BITS))))));
};

/** A TLB entry was filled. */
export const countFill = (w: Words, tlb: number): void => {
  const counter = FILLS.get(tlb);
  if (counter !== undefined) countUp(w, counter);
};

const FILLS: ReadonlyMap<number, Counter> = new Map([
  [READ_TLB, "readFills"],
  [WRITE_TLB, "writeFills"],
  [FETCH_TLB, "fetchFills"],
]);

/** All begin at 0 again. */
export function forgetCounts({ bytes }: EngineMemory): void {
  bytes.fill(0, COUNTERS_BASE, COUNTERS_BASE + COUNTERS.length * COUNTER_BYTES);
  bytes.fill(0, TRAP_COUNTS, TRAP_COUNTS + 2 * TRAP_CAUSES * COUNTER_BYTES);
  bytes.fill(0, HANDED_OVER_COUNTS, DECODER_TABLE);
}

export const counterOf = ({ view }: EngineMemory, counter: Counter): number => u64(view, addressOf(counter));

export const handedOverCount = ({ view }: EngineMemory, handler: number): number =>
  u64(view, HANDED_OVER_COUNTS + handler * COUNTER_BYTES);

/** `cause` is the number without the interrupt bit. */
export const trapCount = ({ view }: EngineMemory, cause: number, isInterrupt: boolean): number =>
  u64(view, TRAP_COUNTS + (cause + (isInterrupt ? TRAP_CAUSES : 0)) * COUNTER_BYTES);

const u64 = (view: DataView, address: number): number => Number(view.getBigUint64(address, true));
