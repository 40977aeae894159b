/**
 * The core-local interruptor in SiFive's layout: each hart's software interrupt and timer (QEMU's riscv_aclint).
 *
 * mtime counts the virtual clock at 10 MHz. An event says that a timer has fired, so mtimecmp alone raises nothing.
 *
 * Guests arm a timer at each scheduling decision, and each change sets one field of a flat state. The state is copied
 * field by field, which costs a tenth of a spread.
 */
import * as t from "io-ts";

import type { BusAccess, Device, Environment, Step, Timer } from "./device.js";
import { NO_EFFECTS } from "./effect.js";
import type { EventIn, EventTable } from "./event-table.js";
import { HART_INTERRUPT } from "./hart-interrupts.js";
import { U32, U64 } from "./scalars.js";

export const ClintState = t.readonly(
  t.type({
    msip: t.readonlyArray(t.boolean),
    mtimecmp: t.readonlyArray(U64),
    /** The level of MTIP: the deadline's event came, and mtimecmp has not been stored since. */
    timerRaised: t.readonlyArray(t.boolean),
    /** mtime was `mtimeBase` when the virtual clock stood at `mtimeBaseTicks`. A store to mtime moves both. */
    mtimeBase: U64,
    mtimeBaseTicks: U64,
  }),
);
export type ClintState = t.TypeOf<typeof ClintState>;

const EVENTS = {
  /** The deadline in a hart's mtimecmp was reached. */
  "clint/timerFired": { wireId: 2, origin: "predicted", payload: { hart: U32 } },
} as const satisfies EventTable;
type ClintEvent = EventIn<typeof EVENTS>;

/** The rate at which mtime counts: the device tree's `timebase-frequency`. */
export const TIMEBASE_HZ = 10_000_000;
export const NS_PER_TICK = BigInt(1e9 / TIMEBASE_HZ);

/** mtime and mtimecmp are 0 at reset, so MTIP starts raised, as in QEMU. */
const initialState = (harts: number): ClintState => ({
  msip: Array.from({ length: harts }, () => false),
  mtimecmp: Array.from({ length: harts }, () => 0n),
  timerRaised: Array.from({ length: harts }, () => true),
  mtimeBase: 0n,
  mtimeBaseTicks: 0n,
});

/** The guest's clock, as the `time` CSR and the mtime register show it. */
const mtime = (state: ClintState, virtualNs: bigint): bigint => {
  const ticks = virtualNs / NS_PER_TICK;
  const offset = mtimeOffset(state);
  return offset === 0n ? ticks : BigInt.asUintN(64, ticks + offset);
};

/** The difference mtime - ticks of the virtual clock, modulo 2^64. */
const mtimeOffset = ({ mtimeBase, mtimeBaseTicks }: ClintState): bigint =>
  // Few guests ever store to mtime, and each change of a state asks.
  mtimeBase === mtimeBaseTicks ? 0n : BigInt.asUintN(64, mtimeBase - mtimeBaseTicks);

const timer: Timer<ClintState, ClintEvent> = {
  deadlineNs: (state) => hartDeadlineNs(state, firstHart(state)),
  event: (state) => timerFired(firstHart(state)),
};

const step = (state: ClintState, event: BusAccess | ClintEvent, environment: Environment): Step<ClintState> => {
  switch (event.type) {
    case "clint/timerFired":
      if (state.timerRaised[event.hart] !== false) return [state, NO_EFFECTS];
      return [changed(state, { timerRaised: replaced(state.timerRaised, event.hart, true) }), NO_EFFECTS];
    case "bus/loaded":
      return [state, NO_EFFECTS];
    case "bus/stored": {
      const { offset, width, value } = event;
      if (offset < MTIMECMP) return [storeMsip(state, offset >> 2, (value & 1n) === 1n), NO_EFFECTS];
      const hart = (offset - MTIMECMP) >> 3;
      if (hart < state.mtimecmp.length) {
        return [storeMtimecmp(state, hart, merge(state.mtimecmp[hart] ?? 0n, offset, width, value)), NO_EFFECTS];
      }
      if ((offset & ~7) !== MTIME) return [state, NO_EFFECTS];
      return [storeMtime(state, environment.virtualNs, offset, width, value), NO_EFFECTS];
    }
    default:
      event satisfies never;
      return [state, NO_EFFECTS];
  }
};

export const clint: Device<"clint", ClintState, typeof EVENTS> = {
  name: "clint",
  model: "riscv.aclint",
  place: { base: 0x0200_0000, sizeBytes: 0x1_0000 },
  codec: ClintState,
  initialState: ({ harts }) => initialState(harts),
  fixed: ({ msip, mtimecmp, timerRaised }) => [msip.length, mtimecmp.length, timerRaised.length],
  events: EVENTS,
  step,
  /**
   * msip takes 4 bytes only; the timer's registers take 4 or 8. No register follows mtime (QEMU: riscv_aclint_swi,
   * mtimer).
   */
  accepts: ({ offset, width }) =>
    offset % width === 0 && (offset < MTIMECMP ? width === 4 : offset < END && (width === 4 || width === 8)),
  origin: (_, { offset }) => ((offset & ~7) === MTIME ? { kind: "clock" } : undefined),
  load(state, { offset, width }, environment) {
    if (offset < MTIMECMP) return state.msip[offset >> 2] === true ? 1n : 0n;
    const register =
      (offset & ~7) === MTIME ? mtime(state, environment.virtualNs) : (state.mtimecmp[(offset - MTIMECMP) >> 3] ?? 0n);
    if (width === 8) return register;
    return (offset & 4) === 0 ? register & LOW_HALF : register >> 32n;
  },
  loadHasEffect: () => false,
  canTake: () => true,
  hartLines: (state, hart) => (state.msip[hart] === true ? MSI : 0) | (state.timerRaised[hart] === true ? MTI : 0),
  mtimeOffset,
  timer,
  node: {
    name: "clint",
    properties: ["interrupts-extended", "reg", ["compatible", ["sifive,clint0", "riscv,clint0"]]],
    hartInterrupts: [HART_INTERRUPT.msi, HART_INTERRUPT.mti],
  },
};

const MTIMECMP = 0x4000;
const MTIME = 0xbff8;
const END = 0xc000;
const LOW_HALF = 0xffff_ffffn;
const MSI = 1 << HART_INTERRUPT.msi;
const MTI = 1 << HART_INTERRUPT.mti;
/** The virtual clock is a signed 64-bit count of ns. */
const MAX_NS = (1n << 63n) - 1n;

/** The hart whose timer fires next. Of equal deadlines, the lowest hart. */
const firstHart = (state: ClintState): number => {
  if (state.mtimecmp.length === 1) return 0;
  let first = 0;
  for (let hart = 1; hart < state.mtimecmp.length; hart += 1) {
    const deadlineNs = hartDeadlineNs(state, hart);
    if (deadlineNs !== undefined && deadlineNs < (hartDeadlineNs(state, first) ?? MAX_NS + 1n)) first = hart;
  }
  return first;
};

const hartDeadlineNs = (state: ClintState, hart: number): bigint | undefined => {
  if (state.timerRaised[hart] !== false) return undefined;
  const ticksAfterBase = (state.mtimecmp[hart] ?? 0n) - state.mtimeBase;
  const deadline = ticksAfterBase <= 0n ? 0n : (state.mtimeBaseTicks + ticksAfterBase) * NS_PER_TICK;
  return deadline > MAX_NS ? undefined : deadline;
};

const timerFired = (hart: number): ClintEvent =>
  (TIMERS_FIRED[hart] ??= Object.freeze({ type: "clint/timerFired", hart }));
const TIMERS_FIRED: ClintEvent[] = [];

const storeMsip = (state: ClintState, hart: number, pending: boolean): ClintState => {
  if (hart >= state.msip.length || state.msip[hart] === pending) return state;
  return changed(state, { msip: replaced(state.msip, hart, pending) });
};

const storeMtimecmp = (state: ClintState, hart: number, mtimecmp: bigint): ClintState =>
  changed(state, {
    mtimecmp: replaced(state.mtimecmp, hart, mtimecmp),
    timerRaised: replaced(state.timerRaised, hart, false),
  });

/** A new mtime is compared with every mtimecmp again, so the lines fall until the deadlines' events come. */
const storeMtime = (state: ClintState, virtualNs: bigint, offset: number, width: number, value: bigint): ClintState => {
  const mtimeBase = merge(mtime(state, virtualNs), offset, width, value);
  const mtimeBaseTicks = virtualNs / NS_PER_TICK;
  return changed(state, { mtimeBase, mtimeBaseTicks, timerRaised: state.timerRaised.map(() => false) });
};

const changed = (state: ClintState, fields: Partial<ClintState>): ClintState => ({
  msip: fields.msip ?? state.msip,
  mtimecmp: fields.mtimecmp ?? state.mtimecmp,
  timerRaised: fields.timerRaised ?? state.timerRaised,
  mtimeBase: fields.mtimeBase ?? state.mtimeBase,
  mtimeBaseTicks: fields.mtimeBaseTicks ?? state.mtimeBaseTicks,
});

const replaced = <T>(values: readonly T[], index: number, value: T): readonly T[] => {
  if (values.length === 1) return [value];
  const copy = values.slice();
  copy[index] = value;
  return copy;
};

const merge = (register: bigint, offset: number, width: number, value: bigint): bigint => {
  if (width === 8) return value;
  return (offset & 4) === 0 ? (register & ~LOW_HALF) | value : (value << 32n) | (register & LOW_HALF);
};
