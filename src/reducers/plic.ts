/**
 * The platform-level interrupt controller, in SiFive's layout (RISC-V PLIC specification 1.0.0).
 *
 * Every source is level-triggered: it is pending while its line is high and no hart has claimed it. A line that is still
 * high at completion is pending again, as the gateway of §5 has it. QEMU differs in two points that a driver must cope with
 * on any PLIC: it keeps a source pending whose line has fallen, so its guests also see a claim without a cause; and it
 * looks at a line only when the device raises it again.
 */
import { produce } from "immer";
import * as t from "io-ts";

import type { Access, BusAccess, InterruptController, Surroundings } from "./device.js";
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

/** Sources 1 to 95 can be enabled, as on QEMU's virt. Source 0 does not exist, yet has its place in the registers. */
const SOURCES = 96;

export const initialState = (harts: number): PlicState => {
  const contexts = harts * 2;
  return {
    priority: Array.from({ length: PRIORITIES }, () => 0),
    enable: Array.from({ length: contexts }, () => Array.from({ length: WORDS }, () => 0)),
    threshold: Array.from({ length: contexts }, () => 0),
    claimed: Array.from({ length: WORDS }, () => 0),
  };
};

type Lines = Pick<Surroundings, "interruptLines">;

/** Whether the context's external interrupt is pending in mip (MEIP for an even context, SEIP for an odd one). */
export const contextLine = (state: PlicState, context: number, { interruptLines }: Lines): boolean =>
  bestSource(state, context, interruptLines) !== 0;

/** `contextLine` of every context. */
export const hartLines = (state: PlicState, surroundings: Lines): readonly boolean[] =>
  state.threshold.map((_, context) => contextLine(state, context, surroundings));

export const reduce = (state: PlicState, event: BusAccess, surroundings: Lines): PlicState => {
  switch (event.type) {
    case "bus/loaded": {
      if (!isClaim(event.offset)) return state;
      const context = contextOf(event.offset);
      return context < state.threshold.length
        ? setClaimed(state, bestSource(state, context, surroundings.interruptLines), true)
        : state;
    }
    case "bus/stored":
      return stored(state, event.offset, Number(event.value));
    default:
      event satisfies never;
      return state;
  }
};

export const load = (state: PlicState, { offset }: Access, surroundings: Lines): bigint => {
  if (offset < PENDING) return BigInt(state.priority[offset >> 2] ?? 0);
  if (offset < ENABLE) {
    const word = (offset - PENDING) >> 2;
    return word < WORDS ? BigInt(pendingWord(state, word, surroundings.interruptLines)) : 0n;
  }
  if (offset < CONTEXT) return BigInt(state.enable[(offset - ENABLE) >> 7]?.[(offset & 0x7f) >> 2] ?? 0);
  const context = contextOf(offset);
  if (context >= state.threshold.length) return 0n;
  if (isClaim(offset)) return BigInt(bestSource(state, context, surroundings.interruptLines));
  return (offset & 0xfff) === 0 ? BigInt(state.threshold[context] ?? 0) : 0n;
};

export const loadHasEffect = ({ offset }: Access): boolean => isClaim(offset);

/** QEMU's PLIC answers aligned 32-bit accesses only, over the whole range. */
export const accepts = ({ offset, width }: Access): boolean => width === 4 && (offset & 3) === 0 && offset < END;

export const effects = (): readonly [] => [];

export const plic: InterruptController<PlicState> = { initialState, reduce, load, loadHasEffect, accepts, effects };

const PENDING = 0x1000;
const ENABLE = 0x2000;
const CONTEXT = 0x20_0000;
const END = 0x60_0000;
const WORDS = SOURCES / 32;
/** QEMU 7.2 counts the priority registers from source 1, so one more of them answers. */
const PRIORITIES = SOURCES + 1;
/** Priorities have 3 bits (WARL), as on QEMU's virt. */
const PRIORITY_MASK = 7;

const contextOf = (offset: number): number => (offset - CONTEXT) >> 12;

const isClaim = (offset: number): boolean => offset >= CONTEXT && (offset & 0xfff) === 4;

const pendingWord = (state: PlicState, word: number, lines: bigint): number =>
  (Number(BigInt.asUintN(32, lines >> BigInt(word * 32))) & ~(state.claimed[word] ?? 0)) >>> 0;

/** The pending, enabled source of the highest priority above the threshold; of equal ones the lowest id (§8); else 0. */
const bestSource = (state: PlicState, context: number, lines: bigint): number => {
  if (lines === 0n) return 0;
  let best = 0;
  let bestPriority = state.threshold[context] ?? 0;
  for (let word = 0; word < WORDS; word += 1) {
    let candidates = pendingWord(state, word, lines) & (state.enable[context]?.[word] ?? 0);
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

const stored = (state: PlicState, offset: number, value: number): PlicState => {
  if (offset < PENDING) {
    const source = offset >> 2;
    if (source === 0 || source >= PRIORITIES) return state;
    return produce(state, (draft) => {
      draft.priority[source] = value & PRIORITY_MASK;
    });
  }
  // The pending bits are read-only: a source is pended by its line alone.
  if (offset < ENABLE) return state;
  if (offset < CONTEXT) {
    const context = (offset - ENABLE) >> 7;
    const word = (offset & 0x7f) >> 2;
    return produce(state, (draft) => {
      const enable = draft.enable[context];
      if (enable !== undefined && word < WORDS) enable[word] = value;
    });
  }
  const context = contextOf(offset);
  if (context >= state.threshold.length) return state;
  if (isClaim(offset)) return setClaimed(state, value, false);
  if ((offset & 0xfff) !== 0) return state;
  return produce(state, (draft) => {
    draft.threshold[context] = value & PRIORITY_MASK;
  });
};

const setClaimed = (state: PlicState, source: number, claimed: boolean): PlicState => {
  if (source === 0 || source >= SOURCES) return state;
  const word = source >> 5;
  const bit = 1 << (source & 31);
  return produce(state, (draft) => {
    const bits = draft.claimed[word] ?? 0;
    draft.claimed[word] = (claimed ? bits | bit : bits & ~bit) >>> 0;
  });
};
