/**
 * An engine's counters for statistics. They count on slow paths only, are not part of the state, and nothing else reads
 * them.
 */
import type { Assembler } from "../wasm/assembler.js";
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

/** Adds one, or the i32 that `amount` leaves. */
export function countUp(asm: Assembler, counter: Counter, amount?: () => void): void {
  asm.i32(0);
  asm.i32(0);
  asm.memory("i64.load", addressOf(counter));
  if (amount === undefined) asm.i64(1n);
  else {
    amount();
    asm.op("i64.extend_i32_u");
  }
  asm.op("i64.add");
  asm.memory("i64.store", addressOf(counter));
}

/** Adds one to an entry of a table; `index` leaves its number, an i32. */
function countEntry(asm: Assembler, table: number, index: () => void): void {
  const address = (): void => {
    index();
    asm.i32(COUNTER_BYTES);
    asm.op("i32.mul");
  };
  address();
  address();
  asm.memory("i64.load", table);
  asm.i64(1n);
  asm.op("i64.add");
  asm.memory("i64.store", table);
}

/** A region handed an instruction with this handler to the interpreter. */
export const countHandedOver = (asm: Assembler, handler: () => void): void => {
  countEntry(asm, HANDED_OVER_COUNTS, handler);
};

/** A trap was taken; `cause` leaves xcause, an i64. */
export const countTrap = (asm: Assembler, cause: () => void): void => {
  countEntry(asm, TRAP_COUNTS, () => {
    cause();
    asm.i64(BigInt(TRAP_CAUSES - 1));
    asm.op("i64.and");
    cause();
    asm.i64(63n);
    asm.op("i64.shr_u");
    asm.i64(BigInt(TRAP_CAUSE_BITS));
    asm.op("i64.shl");
    asm.op("i64.or");
    asm.op("i32.wrap_i64");
  });
};

/** A TLB entry was filled. */
export const countFill = (asm: Assembler, tlb: number): void => {
  const counter = FILLS.get(tlb);
  if (counter !== undefined) countUp(asm, counter);
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
