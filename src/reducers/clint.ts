/**
 * The core-local interruptor as SiFive laid it out: software interrupts and the timer of each hart (QEMU's riscv_aclint).
 *
 * mtime counts the virtual clock at 10 MHz. Whether a timer has fired is an event, so mtimecmp alone raises nothing.
 *
 * Guests arm a timer as often as they schedule, and each change is one field of a flat state: it is copied field by field,
 * a tenth of what a spread would cost.
 */
import * as t from "io-ts";

import type { Access, BusAccess, InterruptController, Surroundings } from "./device.js";
import type { EventOf } from "./events.js";
import { U64 } from "./scalars.js";

export const ClintState = t.readonly(
  t.type({
    msip: t.readonlyArray(t.boolean),
    mtimecmp: t.readonlyArray(U64),
    /** The level of MTIP: the deadline's event came, and mtimecmp has not been stored since. */
    timerRaised: t.readonlyArray(t.boolean),
    /** mtime was `mtimeBase` when the virtual clock stood at `mtimeBaseTicks`; a store to mtime moves both. */
    mtimeBase: U64,
    mtimeBaseTicks: U64,
  }),
);
export type ClintState = t.TypeOf<typeof ClintState>;

export type ClintInput = EventOf<"clint/timerFired">;

/** Of the `timebase-frequency` of the device tree, 10 MHz. */
export const NS_PER_TICK = 100n;

/** mtimecmp is 0 at reset, as is mtime, so QEMU starts with MTIP raised; so do we. */
export const initialState = (harts: number): ClintState => ({
  msip: Array.from({ length: harts }, () => false),
  mtimecmp: Array.from({ length: harts }, () => 0n),
  timerRaised: Array.from({ length: harts }, () => true),
  mtimeBase: 0n,
  mtimeBaseTicks: 0n,
});

/** The guest's clock, as the `time` CSR and the mtime register show it. */
export const mtime = (state: ClintState, virtualNs: bigint): bigint =>
  BigInt.asUintN(64, virtualNs / NS_PER_TICK + mtimeOffset(state));

/** What to add, modulo 2^64, to the virtual clock's ticks to get mtime. */
export const mtimeOffset = (state: ClintState): bigint => BigInt.asUintN(64, state.mtimeBase - state.mtimeBaseTicks);

/** The virtual time at which the hart's timer fires (maybe a past one); undefined when it has, or when it is too far to be reached. */
export const deadlineNs = (state: ClintState, hart: number): bigint | undefined => {
  if (state.timerRaised[hart] !== false) return undefined;
  const ticksAfterBase = (state.mtimecmp[hart] ?? 0n) - state.mtimeBase;
  const deadline = ticksAfterBase <= 0n ? 0n : (state.mtimeBaseTicks + ticksAfterBase) * NS_PER_TICK;
  return deadline > MAX_NS ? undefined : deadline;
};

/** The levels that the hart sees in mip. */
export const hartLines = (state: ClintState, hart: number): { readonly msip: boolean; readonly mtip: boolean } => ({
  msip: state.msip[hart] === true,
  mtip: state.timerRaised[hart] === true,
});

export const reduce = (
  state: ClintState,
  event: BusAccess | ClintInput,
  surroundings: Pick<Surroundings, "virtualNs">,
): ClintState => {
  switch (event.type) {
    case "clint/timerFired":
      if (state.timerRaised[event.hart] !== false) return state;
      return changed(state, { timerRaised: replaced(state.timerRaised, event.hart, true) });
    case "bus/loaded":
      return state;
    case "bus/stored": {
      const { offset, width, value } = event;
      if (offset < MTIMECMP) return storeMsip(state, offset >> 2, (value & 1n) === 1n);
      const hart = (offset - MTIMECMP) >> 3;
      if (hart < state.mtimecmp.length) {
        return storeMtimecmp(state, hart, merge(state.mtimecmp[hart] ?? 0n, offset, width, value));
      }
      if ((offset & ~7) === MTIME) return storeMtime(state, surroundings.virtualNs, offset, width, value);
      return state;
    }
    default:
      event satisfies never;
      return state;
  }
};

export const load = (
  state: ClintState,
  { offset, width }: Access,
  surroundings: Pick<Surroundings, "virtualNs">,
): bigint => {
  if (offset < MTIMECMP) return state.msip[offset >> 2] === true ? 1n : 0n;
  const register =
    (offset & ~7) === MTIME ? mtime(state, surroundings.virtualNs) : (state.mtimecmp[(offset - MTIMECMP) >> 3] ?? 0n);
  if (width === 8) return register;
  return (offset & 4) === 0 ? register & LOW_HALF : register >> 32n;
};

export const loadHasEffect = (): boolean => false;

/** msip takes 4 bytes only, the timer's registers 4 or 8; what follows mtime is no register (QEMU: riscv_aclint_swi, mtimer). */
export const accepts = ({ offset, width }: Access): boolean =>
  offset % width === 0 && (offset < MTIMECMP ? width === 4 : offset < END && (width === 4 || width === 8));

export const effects = (): readonly [] => [];

export const clint: InterruptController<ClintState, ClintInput> = {
  initialState,
  reduce,
  load,
  loadHasEffect,
  accepts,
  effects,
};

const MTIMECMP = 0x4000;
const MTIME = 0xbff8;
const END = 0xc000;
const LOW_HALF = 0xffff_ffffn;
/** The virtual clock is a signed 64-bit count of ns. */
const MAX_NS = (1n << 63n) - 1n;

const storeMsip = (state: ClintState, hart: number, pending: boolean): ClintState => {
  if (hart >= state.msip.length || state.msip[hart] === pending) return state;
  return changed(state, { msip: replaced(state.msip, hart, pending) });
};

const storeMtimecmp = (state: ClintState, hart: number, mtimecmp: bigint): ClintState =>
  changed(state, {
    mtimecmp: replaced(state.mtimecmp, hart, mtimecmp),
    timerRaised: replaced(state.timerRaised, hart, false),
  });

/** A new mtime compares anew with every mtimecmp, so the lines fall until the deadlines' events. */
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
  const copy = values.slice();
  copy[index] = value;
  return copy;
};

const merge = (register: bigint, offset: number, width: number, value: bigint): bigint => {
  if (width === 8) return value;
  return (offset & 4) === 0 ? (register & ~LOW_HALF) | value : (value << 32n) | (register & LOW_HALF);
};
