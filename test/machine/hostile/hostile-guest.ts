/**
 * Runs a program that means harm on every engine, within a budget, and checks what must hold for any program at all:
 * it ends, the engines agree, its events replay to the same state, and what is no guest RAM is untouched.
 */
import { positionOf } from "../../../src/reducers/position.js";
import * as assert from "uvu/assert";

import { PageDigester } from "../../../src/machine/digest/page-digest.js";
import { RAM_BASE, ROM_BYTES } from "../../../src/machine/engine/layout.js";
import { HART_FIELDS, NO_RESERVATION, type HartField } from "../../../src/machine/hart/fields.js";
import { FS_DIRTY, PRIVILEGE } from "../../../src/machine/hart/mstatus.js";
import { fold } from "../../../src/machine/checked-fold.js";
import { Machine, type Stop } from "../../../src/machine/machine.js";
import { romOf } from "../../../src/machine/initial-state.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "../../../src/machine/ram.js";
import type { MachineState } from "../../../src/machine/state.js";
import type { Effect } from "../../../src/reducers/effect.js";
import type { MachineEvent } from "../../../src/reducers/events.js";
import type { GivenPositioned } from "../../../src/reducers/stream-event.js";
import type { MachineConfig } from "../../../src/reducers/machine-config.js";
import { initialPlatform } from "../../../src/reducers/platform.js";
import * as clock from "../../../src/reducers/clock.js";
import * as schedule from "../../../src/reducers/schedule.js";
import * as power from "../../../src/reducers/power.js";
import { Program } from "../../support/assemble.js";
import { engines, type NamedEngine } from "../../support/engines.js";

export const RAM = BigInt(RAM_BASE);
export const RAM_BYTES = 0x10_0000;
export const RAM_END = RAM + BigInt(RAM_BYTES);
export const ROM = 0x1000n;
export const ROM_END = ROM + BigInt(ROM_BYTES);
export const CODE = RAM + 0x1000n;
export const HANDLER = RAM + 0x4000n;
export const DATA = RAM + 0x8000n;

export interface Guest {
  /** At `CODE`. */
  readonly program?: Program | Uint8Array;
  /** At `HANDLER`, which is mtvec; absent: it waits there for ever. */
  readonly handler?: Program | Uint8Array;
  readonly memory?: readonly (readonly [address: bigint, bytes: Uint8Array | Program])[];
  readonly fields?: Partial<Record<HartField, bigint>>;
  readonly x?: Readonly<Record<number, bigint>>;
  readonly virtio?: MachineConfig["virtio"];
  readonly shift?: number;
  /** All begin alike; mhartid tells them apart. Default 1. */
  readonly harts?: number;
}

export interface Budget {
  readonly insns?: number;
  readonly events?: number;
  /** Answers what the guest asks of the world outside. */
  readonly answer?: (effect: Effect) => readonly MachineEvent[];
  /** Arrives as soon as the machine takes it, one at a time. */
  readonly input?: readonly MachineEvent[];
}

export interface Outcome {
  readonly machine: Machine;
  readonly state: MachineState;
  readonly events: readonly GivenPositioned[];
  /** `arrived`: the budget was used up. */
  readonly stop: Stop;
  readonly effects: readonly Effect[];
  readonly field: (name: HartField) => bigint;
  readonly x: (register: number) => bigint;
}

/** Runs the guest everywhere; returns what all engines made of it. */
export function endure(guest: Guest, budget: Budget = {}): Outcome {
  const initial = stateOf(guest);
  const outcomes = engines.map((engine): [NamedEngine, Outcome] => [engine, endureOn(engine, initial, budget)]);
  const [first, ...others] = outcomes;
  if (first === undefined) throw new Error("there is no engine");
  for (const [{ name }, outcome] of others) {
    assert.equal(outcome.state.position, first[1].state.position, `${name} ends at another position`);
    assert.equal(outcome.events, first[1].events, `${name} has other events`);
    assert.equal(outcome.state.harts, first[1].state.harts, `${name} ends with other registers`);
    assert.is(outcome.machine.hash(), first[1].machine.hash(), `${name} ends in another state`);
  }
  replays(initial, first[1].events, first[1].machine, engines[1]?.create);
  return first[1];
}

function endureOn({ create }: NamedEngine, initial: MachineState, budget: Budget): Outcome {
  const effects: Effect[] = [];
  const machine = new Machine(initial, { engine: create });
  machine.listen((effect) => effects.push(effect));
  const { events, stop } = drive(machine, effects, budget);
  const state = machine.state();
  assert.is(machine.state().rom, initial.rom);
  const [hart] = state.harts;
  return {
    machine,
    state,
    events,
    stop,
    effects,
    field: (name) => hart?.fields[name] ?? 0n,
    x: (register) => hart?.x[register] ?? 0n,
  };
}

/** As `sequence` does, without a host: an idle machine's clock warps, and everything has its bound. */
function drive(
  machine: Machine,
  effects: readonly Effect[],
  { insns = 10_000, events: mostEvents = 2000, answer = hostClockAnswer, input = [] }: Budget,
): { events: GivenPositioned[]; stop: Stop } {
  const events: GivenPositioned[] = [];
  const waiting = [...input];
  let answered = 0;
  const emit = (event: MachineEvent): void => {
    const { seq, icount } = machine.position;
    const positioned = { seq: seq + 1, icount, event };
    fold(machine, positioned);
    events.push(positioned);
  };
  while (events.length < mostEvents) {
    const stop = machine.run(insns);
    if (stop === "off") return { events, stop };
    for (; answered < effects.length; answered += 1) {
      const effect = effects[answered];
      if (effect !== undefined) waiting.push(...answer(effect));
    }
    const due = machine.due();
    if (due !== undefined) {
      emit(due);
      continue;
    }
    const taken = waiting.findIndex((event) =>
      machine.awaited === undefined ? machine.accepts(event) : event.type === machine.awaited,
    );
    const [event] = taken < 0 ? [] : waiting.splice(taken, 1);
    if (event !== undefined) {
      emit(event);
      continue;
    }
    if (stop === "arrived" || stop === "awaiting") return { events, stop };
    const { deadlineNs } = machine;
    if (deadlineNs === undefined) return { events, stop };
    emit({ type: "clock/warped", byNs: deadlineNs - machine.virtualNs });
  }
  return { events, stop: "due" };
}

const hostClockAnswer = (effect: Effect): readonly MachineEvent[] =>
  effect.type === "hostClock/requested"
    ? [{ type: "goldfishRtc/hostClockRead", hostNs: 1_700_000_000_000_000_000n }]
    : [];

function replays(
  initial: MachineState,
  events: readonly GivenPositioned[],
  original: Machine,
  engine: NamedEngine["create"] | undefined,
): void {
  const machine = new Machine(initial, engine === undefined ? {} : { engine });
  for (const event of events) fold(machine, event);
  machine.run(original.position.icount);
  assert.equal(machine.position, original.position, "the replay ends at another position");
  assert.is(machine.hash(), original.hash(), "the replay ends in another state");
}

export function stateOf({
  program,
  handler,
  memory = [],
  fields = {},
  x = {},
  virtio = [],
  shift = 0,
  harts = 1,
}: Guest): MachineState {
  const config = { memoryBytes: RAM_BYTES, harts, shift, append: null, rngSeed: "", virtio };
  const zeros = Object.fromEntries(HART_FIELDS.map((name) => [name, 0n])) as Record<HartField, bigint>;
  const wait = new Program().i("jal", { imm: 0 });
  return {
    config,
    position: positionOf(0, 0),
    history: 0n,
    clock: clock.initialState,
    schedule: schedule.initialState(harts),
    harts: Array.from({ length: harts }, () => ({
      x: Array.from({ length: 32 }, (_, index) => BigInt.asUintN(64, x[index] ?? 0n)),
      f: new Array<bigint>(32).fill(0n),
      fields: {
        ...zeros,
        pc: CODE,
        privilege: PRIVILEGE.machine,
        mstatus: FS_DIRTY,
        mtvec: HANDLER,
        reservation: NO_RESERVATION,
        ...fields,
      },
    })),
    platform: initialPlatform(config),
    power: power.initialState,
    disks: [],
    ram: ramOf([[CODE, program ?? wait], [HANDLER, handler ?? wait], ...memory]),
    // No zeros, and no instructions that would do anything: reading it by mistake shows.
    rom: romOf(new Uint8Array(ROM_BYTES).fill(0xa5)),
  };
}

function ramOf(contents: readonly (readonly [bigint, Uint8Array | Program])[]): Ram {
  const all = new Uint8Array(RAM_BYTES);
  for (const [address, content] of contents) {
    all.set(content instanceof Program ? content.bytes() : content, Number(address - RAM));
  }
  const digester = new PageDigester();
  const pages = Array.from({ length: RAM_BYTES / RAM_PAGE_BYTES }, (_, index): [number, RamPage | undefined] => {
    const bytes = all.slice(index * RAM_PAGE_BYTES, (index + 1) * RAM_PAGE_BYTES);
    const digest = digester.of(bytes, index);
    return [index, digest === 0n ? undefined : { bytes, digest }];
  });
  return Ram.zeros(pages.length).with(pages);
}

export const doubleword = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
};

/** A page table's entry: the physical address it leads to, and its low bits. */
export const pte = (physical: bigint, bits: bigint): bigint => ((physical >> 12n) << 10n) | bits;

/** Numbers that a seed decides (xorshift64*), so that a failure can be had again. */
export function seeded(seed: bigint): () => bigint {
  let state = BigInt.asUintN(64, seed * 0x9e37_79b9_7f4a_7c15n) | 1n;
  return () => {
    state ^= state >> 12n;
    state = BigInt.asUintN(64, state ^ (state << 25n));
    state ^= state >> 27n;
    return BigInt.asUintN(64, state * 0x2545_f491_4f6c_dd1dn);
  };
}
