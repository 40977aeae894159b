/**
 * The platform-level interrupt controller, in SiFive's layout (RISC-V PLIC specification 1.0.0).
 *
 * A source is pending while its line is high and no hart has claimed it. A line may still be high at completion,
 * because the driver did not serve the device. That source becomes pending again only after a move: a step of its
 * device, or a change of a priority, enable or threshold. Drivers written for QEMU rely on this, because QEMU's PLIC
 * sees a line only when the device moves. docs/decisions/plic-pending-is-derived.md has the rules, and says where
 * QEMU's differ.
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
  t.intersection([
    t.type({
      priority: t.readonlyArray(U32),
      enable: t.readonlyArray(t.readonlyArray(U32)),
      threshold: t.readonlyArray(U32),
      claimed: t.readonlyArray(U32),
    }),
    /** Sources that were claimed and have not moved since, so they are not pending again. Absent: none. */
    t.partial({ served: t.readonlyArray(U32) }),
  ]),
);
export type PlicState = t.TypeOf<typeof PlicState>;

/**
 * Sources 1 to 95 can be pending and enabled. Source 0 means "no interrupt", but has its place in the registers. QEMU's
 * virt calls it 96 sources (`riscv,ndev`). It also has a priority register for source 96, which does nothing else.
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
    else claim(draft, claimable(state, contextOf(event.offset), sources));
  });
  return [after, NO_EFFECTS];
};

export const plic: Device<"plic", PlicState, NoEvents> = {
  name: "plic",
  model: "riscv.sifive.plic",
  // Room for 512 harts of two contexts each, whatever the number of harts: 0x20_0000 + 1024 * 0x1000.
  place: { base: 0x0c00_0000, sizeBytes: 0x60_0000 },
  codec: PlicState,
  initialState: ({ harts }) => initialState(harts),
  fixed: ({ priority, enable, threshold, claimed }) => [
    priority.length,
    enable.map((words) => words.length),
    threshold.length,
    claimed.length,
  ],
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
    if (isClaim(offset)) return BigInt(claimable(state, context, sources));
    return (offset & 0xfff) === 0 ? BigInt(state.threshold[context] ?? 0) : 0n;
  },
  loadHasEffect: ({ offset }) => isClaim(offset),
  origin: (state, { offset }, { sources }) => {
    const isClaimed = offset >= CONTEXT && isClaim(offset) && contextOf(offset) < state.threshold.length;
    const source = isClaimed ? claimable(state, contextOf(offset), sources) : 0;
    return source === 0 ? undefined : { kind: "source", source };
  },
  canTake: () => true,
  /** MEIP for an even context, SEIP for an odd one. */
  hartLines: (state, hart, { sources }) =>
    (interrupting(state, hart * 2, sources) === 0 ? 0 : MEI) |
    (interrupting(state, hart * 2 + 1, sources) === 0 ? 0 : SEI),
  sourceMoved: (state, source) => {
    const { served } = state;
    const bit = 1 << (source & 31);
    if (served === undefined || ((served[source >> 5] ?? 0) & bit) === 0) return state;
    return produce(state, (draft) => {
      setServed(draft, source, false);
    });
  },
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
/** QEMU 7.2 counts the priority registers from source 1, so one more register answers. */
const PRIORITIES = SOURCES + 1;
/** Priorities have 3 bits (WARL), as on QEMU's virt. */
const PRIORITY_MASK = 7;

const contextOf = (offset: number): number => (offset - CONTEXT) >> 12;

const isClaim = (offset: number): boolean => offset >= CONTEXT && (offset & 0xfff) === 4;

const pendingWord = (state: PlicState, word: number, sources: Sources): number =>
  word < SOURCE_WORDS ? ((sources[word] ?? 0) & ~(state.claimed[word] ?? 0) & ~(state.served?.[word] ?? 0)) >>> 0 : 0;

/** "Priority Thresholds": an interrupt needs a priority above the threshold. */
const interrupting = (state: PlicState, context: number, sources: Sources): number =>
  bestSource(state, context, sources, state.threshold[context] ?? 0);

/** "Interrupt Claim Process": the threshold does not affect a claim. A priority of 0 never interrupts. */
const claimable = (state: PlicState, context: number, sources: Sources): number =>
  bestSource(state, context, sources, 0);

/** The pending, enabled source with the highest priority above `above`. Of equal priorities, the lowest id. Else 0. */
const bestSource = (state: PlicState, context: number, sources: Sources, above: number): number => {
  let best = 0;
  let bestPriority = above;
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

/** Drafting costs more than the rest, and many accesses to the wide register range change nothing. */
const changes = (state: PlicState, { type, offset }: BusAccess): boolean => {
  if (type === "bus/loaded") return isClaim(offset) && contextOf(offset) < state.threshold.length;
  // The pending bits are read-only: only a source's line sets its bit.
  return offset < PENDING || (offset >= ENABLE && (offset < CONTEXT || contextOf(offset) < state.threshold.length));
};

const store = (draft: Draft<PlicState>, offset: number, value: number): void => {
  if (offset >= CONTEXT && isClaim(offset)) {
    complete(draft, contextOf(offset), value);
    return;
  }
  // After a change to what may interrupt, the lines count at their present level.
  delete draft.served;
  if (offset < PENDING) {
    const source = offset >> 2;
    if (source !== 0 && source < PRIORITIES) draft.priority[source] = value & PRIORITY_MASK;
  } else if (offset < CONTEXT) {
    const enable = draft.enable[(offset - ENABLE) >> 7];
    const word = (offset & 0x7f) >> 2;
    if (enable !== undefined && word < SOURCE_WORDS) enable[word] = value;
  } else if ((offset & 0xfff) === 0) {
    draft.threshold[contextOf(offset)] = value & PRIORITY_MASK;
  }
};

const claim = (draft: Draft<PlicState>, source: number): void => {
  if (source === 0) return;
  draft.claimed[source >> 5] = withBit(draft.claimed[source >> 5], source, true);
  setServed(draft, source, true);
};

/** "Interrupt Completion": ignored if the source is not enabled for the context, whoever claimed it. */
const complete = (draft: Draft<PlicState>, context: number, source: number): void => {
  const word = source >>> 5;
  if (source === 0 || source >= SOURCES) return;
  if (((draft.enable[context]?.[word] ?? 0) & (1 << (source & 31))) === 0) return;
  draft.claimed[word] = withBit(draft.claimed[word], source, false);
};

const setServed = (draft: Draft<PlicState>, source: number, isServed: boolean): void => {
  const served = draft.served ?? Array.from({ length: SOURCE_WORDS }, () => 0);
  served[source >> 5] = withBit(served[source >> 5], source, isServed);
  if (served.some((word) => word !== 0)) draft.served = served;
  else delete draft.served;
};

const withBit = (word = 0, source: number, isSet: boolean): number => {
  const bit = 1 << (source & 31);
  return (isSet ? word | bit : word & ~bit) >>> 0;
};
