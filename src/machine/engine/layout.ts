/** The layout of an engine's memory: registers, caches and guest RAM in one linear address space. */
import { HART_FIELDS } from "../hart/fields.js";
import { HART_NOTES } from "../hart/notes.js";
import { MAX_HARTS } from "../../reducers/machine-config.js";
import { DRAM_BASE, MEMORY_MAP } from "../memory-map.js";

export const PAGE_BYTES = 4096;
export const PAGE_SHIFT = 12;
/** The bits of an address within its page, and those of its page. */
export const PAGE_OFFSET = BigInt(PAGE_BYTES - 1);
export const PAGE_MASK = ~PAGE_OFFSET;

export const X_BASE = 0x100;
/** Results go to a register counted from x1, so that x0 is the 32nd: never read. */
export const X_RESULTS = X_BASE + 8;
export const F_BASE = 0x300;
const FIELDS_BASE = 0x400;
const CONTROL_BASE = 0x800;
/** The counters for statistics: see counters.ts. */
export const COUNTERS_BASE = 0xc00;

/** An engine's own variables, 64 bits each. They are not part of the state. */
export const CONTROL_FIELDS = [
  /** Instructions left before the next boundary. One is counted when it starts. */
  "remaining",
  /** The rest of `remaining` when a boundary was requested early. */
  "stash",
  /** The icount at which the whole budget ends. */
  "endIcount",
  /** How the instruction ended: see ABORT. */
  "abort",
  /** The run ends at the next boundary: see ATTENTION. */
  "attention",
  "interruptLines",
  "clockBiasNs",
  "clockShift",
  "mtimeOffset",
  /** The hart whose registers are in the window. */
  "hartId",
  /** Instructions that the other harts have retired: icount without them is this hart's minstret. */
  "othersInsns",
  /** From this icount on, a pause ends the run, because another hart can use the time. */
  "yieldsFrom",
  /** The ids in the tags of the valid TLB entries, shifted into place. */
  "dataContext",
  "fetchContext",
  /** Loads and stores are not translated, and PMP allows all of RAM, so they need no TLB. */
  "directRam",
  "contextStale",
  "nextContext",
  /** The next code page of the pool to be taken, by number. */
  "codeCursor",
  /** How many have an owner. */
  "codePagesTaken",
  /** The first ones: those that ever had one. */
  "codePagesUsed",
  "accessFault",
  /** What is told to whoever probes: see probes.ts. 0 or 1. */
  "probesLoads",
  "probesTraps",
  "probesCsrs",
  "probesEncodings",
  /** Where the next pc of the path that is being recorded goes; 0: none is. */
  "recordAt",
  /** A sample is taken of where control is, each time that compiled code has executed so many instructions. */
  "stretchInsns",
  /** Those before the next sample. No call of compiled code executes more. */
  "stretchLeft",
  /** An instruction is being fetched, and not counted yet. Kept only where there are probes. */
  "isFetching",
] as const;
export type ControlField = (typeof CONTROL_FIELDS)[number];

export const ABORT = {
  none: 0,
  /** Not retired: a trap was taken, or the instruction must start again. The hart continues at `pc`. */
  notRetired: 1,
  /** Retired. The hart continues at `pc`. */
  resumed: 2,
} as const;

/** Why a run ends before its budget. */
export const ATTENTION = {
  none: 0,
  /** The engine's caller wants control. */
  asked: 1,
  /** A `pause` gave the turn away. */
  paused: 2,
} as const;

const addresses = <Name extends string>(base: number, names: readonly Name[]): Readonly<Record<Name, number>> =>
  Object.fromEntries(names.map((name, index) => [name, base + index * 8])) as Record<Name, number>;

/** The addresses of the hart's fields, of its notes behind them, and of the control variables. */
export const FIELD = addresses(FIELDS_BASE, HART_FIELDS);
export const NOTE = addresses(FIELDS_BASE + HART_FIELDS.length * 8, HART_NOTES);
export const CONTROL = addresses(CONTROL_BASE, CONTROL_FIELDS);

/**
 * The window: the registers, fields and notes of the hart that executes. The other harts' lie in the bank, with the
 * same offsets.
 */
export const WINDOW = { start: X_BASE, end: FIELDS_BASE + (HART_FIELDS.length + HART_NOTES.length) * 8 } as const;
/** The fields of the window on which memory protection depends, beside the privilege. */
export const PMP = { start: FIELD.pmpcfg0, end: FIELD.pmpaddr15 + 8 } as const;
export const BANK_BYTES = CONTROL_BASE;

/** {i64 satp, i32 mode, i32 id} per entry. */
export const CONTEXT_TABLE = 0x1000;
export const CONTEXT_ENTRIES = 64;
export const CONTEXT_ENTRY_BYTES = 16;
/** The id is in bits 3 to 11 of a tag, above the bits that misalignment sets. Id 0 is unused. */
export const CONTEXT_SHIFT = 3;
export const LAST_CONTEXT = 511;
/** The entry also holds, beside the id, `directRam` of that address space. */
export const CONTEXT_DIRECT_SHIFT = 16;

/** The one decoded instruction that is not kept: it straddles two pages, or PMP splits its page. */
export const SCRATCH_SLOT = 0x2000;
/** Its encoding: others are where they were decoded from. */
export const SCRATCH_RAW = 0x2040;

/** One i64 per cause of a trap, interrupts after exceptions. */
export const TRAP_COUNTS = 0x2400;
export const TRAP_CAUSE_BITS = 6;
export const TRAP_CAUSES = 1 << TRAP_CAUSE_BITS;
/** One i64 per handler: how often a region handed such an instruction to the interpreter. */
export const HANDED_OVER_COUNTS = 0x3000;

/** The decoder's table: see decoder-table.ts. */
export const DECODER_TABLE = 0x4000;
export const DECODER_TABLE_END = 0x1_0000;

/** {i64 tag, i32 addend, unused}. Direct-mapped by the virtual page number. */
export const TLB_ENTRIES = 4096;
export const TLB_ENTRY_BYTES = 16;
const TLB_BYTES = TLB_ENTRIES * TLB_ENTRY_BYTES;
export const READ_TLB = DECODER_TABLE_END;
export const WRITE_TLB = READ_TLB + TLB_BYTES;
export const FETCH_TLB = WRITE_TLB + TLB_BYTES;
export const TLBS = [READ_TLB, WRITE_TLB, FETCH_TLB] as const;
export const TLBS_BYTES = TLBS.length * TLB_BYTES;

/**
 * A decoded instruction: u16 handler, u8 rd, u8 rs1, then u8 rs2 and i16 immediate, or an immediate of 32 bits. A
 * register is its offset in its file; the destination of an integer is counted from x1.
 */
export const SLOT_BYTES = 8;
export const SLOT = { handler: 0, rd: 2, rs1: 3, rs2: 4, immediate: 6, wideImmediate: 4 } as const;
/** The shift from bytes of code to bytes of slots: 4 bytes of slots per byte of code. */
export const SLOT_SHIFT = 2;
export const SLOTS_A_PAGE = PAGE_BYTES / 2;
/** Slots after the last halfword, for an instruction of 2 or 4 bytes that runs off the page. */
const END_SLOTS = 2;
export const CODE_PAGE_BYTES = (SLOTS_A_PAGE + END_SLOTS) * SLOT_BYTES;

/** Bits of a page's flags. */
export const PAGE_FLAG = {
  /** Written since the digests were last updated. */
  digestStale: 1,
  /** Written since the last state was taken. */
  uncaptured: 2,
  /** Has decoded instructions. */
  code: 4,
  /** Some of it is probed. */
  probed: 8,
  /** Has compiled regions. */
  regions: 16,
  /** Walked as a page table at level 0, 1 or 2. The flag of each level is that of the level before, shifted by 1. */
  leafTable: 32,
  middleTable: 64,
  rootTable: 128,
  tables: 32 | 64 | 128,
} as const;

/** An icount that no machine comes to. */
export const NEVER = BigInt(Number.MAX_SAFE_INTEGER);

/** Values of a slot's handler that are not an instruction's number. */
export const HANDLER = {
  /** Not decoded yet. */
  undecoded: 0,
  /** After the last instruction of a page. */
  pageEnd: 1,
  /** The second half lies in the next page, so it is fetched and decoded each time. */
  straddling: 2,
  illegal: 3,
  /** A region begins here. `slotRegions` says which one, and `slotHandlers` holds the slot's own handler. */
  region: 4,
  /** Arrivals here are probed. `slotHandlers` holds the slot's own handler. */
  probe: 5,
  /** Two handlers per instruction: for its 32-bit and its 16-bit encoding. */
  first: 6,
} as const;

/** A way out of a trace: see compiled/ways-out.ts. Four words of 32 bits. */
export const SITE = { offset: 0, insns: 4, codeWord: 8, group: 12 } as const;
export const SITE_BYTES = 16;
export const MAX_TRACE_SITES = 1 << 17;
/** The instructions of a trace at most. */
export const MAX_TRACE_INSNS = 100;
/** The trace compiler's own: see traces/compiler-memory.ts. */
export const TRACE_COMPILER_BYTES = 0x24_0000;
/** The last pc says whether the trace is a loop. */
const RECORDED_BYTES = (MAX_TRACE_INSNS + 1) * 8;

/** 2 MiB. */
export const PMP_CHUNK_SHIFT = 21;

export interface Layout {
  readonly ramBytes: number;
  readonly ramPages: number;
  /** One byte per page: RAM, then ROM. */
  readonly pageFlags: number;
  /** One u32 per page: the address of its decoded instructions, or 0. */
  readonly pageCode: number;
  /** The same of the one that it had last. */
  readonly formerCode: number;
  /** One u16 per page: see write-entries.ts. */
  readonly writeEntries: number;
  /** One u32 per code page: its page, plus 1. */
  readonly codeOwners: number;
  /** One byte per page of RAM: stores to it while it had decoded instructions. See code-pool.ts. */
  readonly codeStores: number;
  readonly codePages: number;
  /** One byte per 2 MiB of RAM: see pmp-chunks.ts. */
  readonly pmpChunks: number;
  readonly pmpChunkCount: number;
  /** One bit per 8 bytes of RAM: see page-tables.ts. */
  readonly walkedEntries: number;
  readonly codePool: number;
  /** One u32 per slot: the id of the compiled code that begins there in the upper half, its entry in the lower. */
  readonly slotRegions: number;
  /** One u32 per slot: how often control arrived by a backward or far jump, or from other compiled code. */
  readonly slotHeat: number;
  /** One u16 per slot. */
  readonly slotHandlers: number;
  /** The ways out of traces. */
  readonly traceSites: number;
  /** The pcs of the path that is being recorded, and where they end. */
  readonly recorded: { readonly start: number; readonly end: number };
  /** TRACE_COMPILER_BYTES. */
  readonly traceCompiler: number;
  /** One byte per slot: whether the group of accesses that begins there is looked up one by one. */
  readonly splitAccesses: number;
  readonly ram: number;
  /** ROM follows RAM, so one page index covers both. */
  readonly rom: number;
  /** BANK_BYTES per hart. */
  readonly bank: number;
  readonly wasmPages: number;
}

export const ROM_BASE = MEMORY_MAP.mrom.base;
export const ROM_BYTES = MEMORY_MAP.mrom.sizeBytes;
export const RAM_BASE = DRAM_BASE;

const WASM_PAGE = 0x1_0000;
/** One bit per page-table entry that a page of RAM can hold. */
export const WALKED_BYTES_A_PAGE = PAGE_BYTES / 8 / 8;
const DEFAULT_CODE_PAGES = 2048;

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

export function layoutFor(ramBytes: number, codePages = DEFAULT_CODE_PAGES): Layout {
  const ramPages = ramBytes / PAGE_BYTES;
  const pages = ramPages + ROM_BYTES / PAGE_BYTES;
  const pageFlags = FETCH_TLB + TLB_BYTES;
  const pageCode = alignUp(pageFlags + pages, 16);
  const formerCode = pageCode + pages * 4;
  const writeEntries = formerCode + pages * 4;
  const codeOwners = alignUp(writeEntries + pages * 2, 16);
  const codeStores = codeOwners + codePages * 4;
  const pmpChunks = codeStores + ramPages;
  const pmpChunkCount = Math.ceil(ramBytes / (1 << PMP_CHUNK_SHIFT));
  const walkedEntries = alignUp(pmpChunks + pmpChunkCount, 16);
  const codePool = alignUp(walkedEntries + ramPages * WALKED_BYTES_A_PAGE, 16);
  const slots = (codePages * CODE_PAGE_BYTES) / SLOT_BYTES;
  const slotRegions = codePool + codePages * CODE_PAGE_BYTES;
  const slotHeat = slotRegions + slots * 4;
  const slotHandlers = slotHeat + slots * 4;
  const traceSites = alignUp(slotHandlers + slots * 2, SITE_BYTES);
  const recordedStart = traceSites + MAX_TRACE_SITES * SITE_BYTES;
  const recorded = { start: recordedStart, end: recordedStart + RECORDED_BYTES };
  const traceCompiler = alignUp(recorded.end, 16);
  const splitAccesses = traceCompiler + TRACE_COMPILER_BYTES;
  const ram = alignUp(splitAccesses + slots, WASM_PAGE);
  const rom = ram + ramBytes;
  const bank = alignUp(rom + ROM_BYTES, WASM_PAGE);
  const wasmPages = alignUp(bank + MAX_HARTS * BANK_BYTES, WASM_PAGE) / WASM_PAGE;
  return {
    ramBytes,
    ramPages,
    pageFlags,
    pageCode,
    formerCode,
    writeEntries,
    codeOwners,
    codeStores,
    codePages,
    pmpChunks,
    pmpChunkCount,
    walkedEntries,
    codePool,
    slotHeat,
    slotRegions,
    slotHandlers,
    traceSites,
    recorded,
    traceCompiler,
    splitAccesses,
    ram,
    rom,
    bank,
    wasmPages,
  };
}
