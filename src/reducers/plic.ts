/**
 * The platform-level interrupt controller, in SiFive's layout (RISC-V PLIC specification 1.0.0).
 *
 * Every source is level-triggered: it is pending while its line is high and no hart has claimed it. A line that is still
 * high at completion is pending again, as the gateway of §5 has it. QEMU differs in two points that a driver must cope with
 * on any PLIC: it keeps a source pending whose line has fallen, so its guests also see a claim without a cause; and it
 * looks at a line only when the device raises it again.
 */
import { produce, type Draft } from "immer";
import * as t from "io-ts";

import type { BusAccess, Device, Environment, Step } from "./device.js";
import { NO_EFFECTS } from "./effect.js";
import { NO_EVENTS, type NoEvents } from "./event-table.js";
import { HART_INTERRUPT } from "./hart-interrupts.js";
import { U32 } from "./scalars.js";

/** A context is a hart's privilege mode: hart * 2 is M, hart * 2 + 1 is S. Bit sets are words of 32 sources. */
export const PlicState = t.readonly(
  t.type({
    priority: t.readonlyArray(U32),
    enable: t.readonlyArray(t.readonlyArray(U32)),
    threshold: t.readonlyArray(U32),
    claimed: t.readonlyArray(U32),
  }),
);
export type PlicState = t.TypeOf<typeof PlicState>;

/**
 * Sources 1 to 95 can be pending and enabled; source 0 means "no interrupt" (§6), yet has its place in the registers. QEMU's
 * virt calls it 96 sources (`riscv,ndev`), and has a priority register for source 96 too, which does nothing else.
 */
export const SOURCES = 96;

const initialState = (harts: number): PlicState => {
  const contexts = harts * 2;
  return {
    priority: Array.from({ length: PRIORITIES }, () => 0),
    enable: Array.from({ length: contexts }, () => Array.from({ length: SOURCE_WORDS }, () => 0)),
    threshold: Array.from({ length: contexts }, () => 0),
    claimed: Array.from({ length: SOURCE_WORDS }, () => 0),
  };
};

type Sources = Environment["sources"];

const step = (state: PlicState, event: BusAccess, { sources }: Environment): Step<PlicState> => {
  if (!changes(state, event)) return [state, NO_EFFECTS];
  const after = produce(state, (draft) => {
    if (event.type === "bus/stored") store(draft, event.offset, Number(event.value));
    else setClaimed(draft, bestSource(state, contextOf(event.offset), sources), true);
  });
  return [after, NO_EFFECTS];
};

export const plic: Device<"plic", PlicState, NoEvents> = {
  name: "plic",
  model: "riscv.sifive.plic",
  // Room for 512 harts of two contexts each: 0x20_0000 + 1024 * 0x1000, however few harts there are.
  place: { base: 0x0c00_0000, sizeBytes: 0x60_0000 },
  codec: PlicState,
  initialState: ({ harts }) => initialState(harts),
  events: NO_EVENTS,
  step,
  /** QEMU's PLIC answers aligned 32-bit accesses only, over the whole range. */
  accepts: ({ offset, width }) => width === 4 && (offset & 3) === 0 && offset < END,
  load(state, { offset }, { sources }) {
    if (offset < PENDING) return BigInt(state.priority[offset >> 2] ?? 0);
    if (offset < ENABLE) return BigInt(pendingWord(state, (offset - PENDING) >> 2, sources));
    if (offset < CONTEXT) return BigInt(state.enable[(offset - ENABLE) >> 7]?.[(offset & 0x7f) >> 2] ?? 0);
    const context = contextOf(offset);
    if (context >= state.threshold.length) return 0n;
    if (isClaim(offset)) return BigInt(bestSource(state, context, sources));
    return (offset & 0xfff) === 0 ? BigInt(state.threshold[context] ?? 0) : 0n;
  },
  loadHasEffect: ({ offset }) => isClaim(offset),
  canTake: () => true,
  /** MEIP for an even context, SEIP for an odd one. */
  hartLines: (state, hart, { sources }) =>
    (bestSource(state, hart * 2, sources) === 0 ? 0 : MEI) | (bestSource(state, hart * 2 + 1, sources) === 0 ? 0 : SEI),
  node: {
    name: "plic",
    properties: [
      "phandle",
      ["riscv,ndev", SOURCES],
      "reg",
      "interrupts-extended",
      ["interrupt-controller", true],
      ["compatible", ["sifive,plic-1.0.0", "riscv,plic0"]],
      ["#address-cells", 0],
      ["#interrupt-cells", 1],
    ],
    hartInterrupts: [HART_INTERRUPT.mei, HART_INTERRUPT.sei],
  },
};

/** Words of 32 sources. */
export const SOURCE_WORDS = SOURCES / 32;

const PENDING = 0x1000;
const ENABLE = 0x2000;
const CONTEXT = 0x20_0000;
const END = 0x60_0000;
const MEI = 1 << HART_INTERRUPT.mei;
const SEI = 1 << HART_INTERRUPT.sei;
/** QEMU 7.2 counts the priority registers from source 1, so one more of them answers. */
const PRIORITIES = SOURCES + 1;
/** Priorities have 3 bits (WARL), as on QEMU's virt. */
const PRIORITY_MASK = 7;

const contextOf = (offset: number): number => (offset - CONTEXT) >> 12;

const isClaim = (offset: number): boolean => offset >= CONTEXT && (offset & 0xfff) === 4;

const pendingWord = (state: PlicState, word: number, sources: Sources): number =>
  word < SOURCE_WORDS ? ((sources[word] ?? 0) & ~(state.claimed[word] ?? 0)) >>> 0 : 0;

/** The pending, enabled source of the highest priority above the threshold; of equal ones the lowest id (§8); else 0. */
const bestSource = (state: PlicState, context: number, sources: Sources): number => {
  let best = 0;
  let bestPriority = state.threshold[context] ?? 0;
  for (let word = 0; word < SOURCE_WORDS; word += 1) {
    if (sources[word] === 0) continue;
    let candidates = pendingWord(state, word, sources) & (state.enable[context]?.[word] ?? 0);
    while (candidates !== 0) {
      const lowest = candidates & -candidates;
      candidates ^= lowest;
      const source = word * 32 + (31 - Math.clz32(lowest));
      const priority = state.priority[source] ?? 0;
      if (priority > bestPriority) {
        best = source;
        bestPriority = priority;
      }
    }
  }
  return best;
};

/** Drafting costs more than all else here: many accesses of the registers' wide range change nothing. */
const changes = (state: PlicState, { type, offset }: BusAccess): boolean => {
  if (type === "bus/loaded") return isClaim(offset) && contextOf(offset) < state.threshold.length;
  // The pending bits are read-only: a source is pended by its line alone.
  return offset < PENDING || (offset >= ENABLE && (offset < CONTEXT || contextOf(offset) < state.threshold.length));
};

const store = (draft: Draft<PlicState>, offset: number, value: number): void => {
  if (offset < PENDING) {
    const source = offset >> 2;
    if (source !== 0 && source < PRIORITIES) draft.priority[source] = value & PRIORITY_MASK;
  } else if (offset < CONTEXT) {
    const enable = draft.enable[(offset - ENABLE) >> 7];
    const word = (offset & 0x7f) >> 2;
    if (enable !== undefined && word < SOURCE_WORDS) enable[word] = value;
  } else if (isClaim(offset)) {
    setClaimed(draft, value, false);
  } else if ((offset & 0xfff) === 0) {
    draft.threshold[contextOf(offset)] = value & PRIORITY_MASK;
  }
};

const setClaimed = (draft: Draft<PlicState>, source: number, claimed: boolean): void => {
  if (source === 0 || source >= SOURCES) return;
  const word = source >> 5;
  const bit = 1 << (source & 31);
  const bits = draft.claimed[word] ?? 0;
  draft.claimed[word] = (claimed ? bits | bit : bits & ~bit) >>> 0;
};
