/** What is explained is what the engine does, and nothing beside the origins of a byte can change it. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { explain, MAX_DEEDS_AN_INSTRUCTION, registerOf } from "../../../src/machine/dataflow/explain.js";
import type { Deed, RegisterKey } from "../../../src/machine/dataflow/deed.js";
import { MAX_KNOWN_ENCODINGS, mayWrite, writtenByTraps } from "../../../src/machine/dataflow/may-write.js";
import { byteOf, type Sourced } from "../../../src/machine/dataflow/sourced.js";
import { union, type Origin, type Origins } from "../../../src/machine/dataflow/origins.js";
import { HART_FIELDS } from "../../../src/machine/hart/fields.js";
import { INSTRUCTIONS } from "../../../src/machine/isa/instruction-set.js";
import { decode } from "../../../src/machine/isa/decode.js";
import { DRAM_BASE } from "../../../src/machine/memory-map.js";
import { RAM_PAGE_BYTES, type Ram } from "../../../src/machine/ram.js";
import type { MachineState } from "../../../src/machine/state.js";
import type { Machine } from "../../../src/machine/machine.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { freshSeed, oneOf, seededRandom } from "../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    dataflow: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);
const logs = fileURLToPath(new URL("../../../logs", import.meta.url));

const PLACES = Number(process.env["FOLDVM_PLACES"] ?? 25);
const PERTURBED = Number(process.env["FOLDVM_PERTURBED"] ?? 320);

const KEYS: readonly RegisterKey[] = [
  ...Array.from({ length: 31 }, (_, index) => `x${index + 1}` as const),
  ...Array.from({ length: 32 }, (_, index) => `f${index}` as const),
  ...HART_FIELDS,
];

function writtenTo(deeds: readonly Deed[], key: RegisterKey): Sourced | undefined {
  return deeds.findLast(({ registers }) => registers.has(key))?.registers.get(key);
}

/** The bytes of RAM that were stored, with the last value of each. */
function storedBytes(deeds: readonly Deed[]): Map<number, { value: number; of: Sourced; byte: number }> {
  const bytes = new Map<number, { value: number; of: Sourced; byte: number }>();
  for (const { stores } of deeds) {
    for (const { addresses, isDevice, value } of stores) {
      if (isDevice) continue;
      addresses.forEach((address, byte) => {
        if (address >= 0) bytes.set(address, { value: byteOf(value.value, byte), of: value, byte });
      });
    }
  }
  return bytes;
}

const ramByte = (ram: Ram, address: number): number => ram.read(address - DRAM_BASE, 1)[0] ?? 0;

for (const name of ["session", "race-fails", "virtio", "clock"]) {
  test(`given places in the golden log ${name}, when what happens next is explained, then it is what the machine does`, () => {
    const recording = openRecording(join(logs, `${name}.fold`));
    const { instructions } = recording.info;
    for (let index = 0; index < PLACES; index += 1) {
      const icount = random(instructions);
      const { lastSeq } = recording.log;
      const before = recording.at({ seq: seqAt(recording, icount, lastSeq), icount });
      const deeds = explain(before, before.schedule.hart);
      if (deeds.at(-1)?.kind !== "instruction") continue;
      const machine = machineOf(recording);
      machine.load(before);
      machine.run(icount + 1);
      const after = machine.state();
      const where = `FOLDVM_SEED=${String(seed)}, ${name} ${String(icount)}`;
      for (const key of KEYS) {
        const expected = registerOf(after, 0, key);
        const found = writtenTo(deeds, key)?.value ?? registerOf(before, 0, key);
        assert.is(found, expected, `${where}: ${key}`);
      }
      const stored = storedBytes(deeds);
      for (const [address, { value }] of stored) assert.is(value, ramByte(after.ram, address), `${where}: stored`);
      for (const page of after.ram.difference(before.ram)) {
        const [was, is] = [before, after].map(({ ram }) => ram.read(page * RAM_PAGE_BYTES, RAM_PAGE_BYTES));
        is?.forEach((byte, at) => {
          const address = DRAM_BASE + page * RAM_PAGE_BYTES + at;
          if (byte !== was?.[at]) assert.ok(stored.has(address), `${where}: an untold store`);
        });
      }
    }
  });
}

const machines = new WeakMap<object, Machine>();
function machineOf(recording: ReturnType<typeof openRecording>): Machine {
  const machine = machines.get(recording) ?? recording.openMachine();
  machines.set(recording, machine);
  return machine;
}

/** The last event at an icount, or before it. */
function seqAt(recording: ReturnType<typeof openRecording>, icount: number, lastSeq: number): number {
  let seq = 0;
  for (const event of recording.log.events()) {
    if (event.icount > icount || event.seq > lastSeq) break;
    seq = event.seq;
  }
  return seq;
}

const CODE = 0x1000;
const DATA = 0x20_0000;
const FS_DIRTY = 3n << 13n;
const NOT_HERE = /^(ecall|ebreak|mret|sret|wfi|pause|sfence|csr|fence|j|b)/;
const ORDINARY = INSTRUCTIONS.filter(({ name }) => !NOT_HERE.test(name));

interface Situation {
  readonly x: bigint[];
  readonly f: bigint[];
  readonly data: Uint8Array;
}

const word = (): bigint => {
  const any = Array.from({ length: 4 }, () => BigInt(random(0x1_0000))).reduce((all, part) => (all << 16n) | part, 0n);
  // Small and boxed numbers are the interesting ones.
  return oneOf(random, [any, any & 0xffn, any | 0xffff_ffff_0000_0000n, BigInt.asUintN(64, -(any & 0xfn)), 0n]);
};

function situation(): Situation {
  return {
    x: Array.from({ length: 32 }, (_, index) => (index === 0 ? 0n : word())),
    f: Array.from({ length: 32 }, word),
    data: Uint8Array.from({ length: RAM_PAGE_BYTES }, () => random(256)),
  };
}

function stateOf(base: MachineState, raw: number, { x, f, data }: Situation): MachineState {
  const code = new Uint8Array(RAM_PAGE_BYTES);
  new DataView(code.buffer).setUint32(0, raw, true);
  const [hart] = base.harts;
  assert.ok(hart);
  const fields = { ...hart.fields, pc: BigInt(DRAM_BASE + CODE), mstatus: FS_DIRTY, frm: 0n, fflags: 0n };
  const page = (offset: number): number => offset / RAM_PAGE_BYTES;
  const ram = base.ram.with([
    [page(CODE), { bytes: code, digest: 1n }],
    [page(DATA), { bytes: data, digest: 2n }],
  ]);
  return { ...base, harts: [{ x, f, fields }], ram };
}

/** All bytes that an instruction leaves, by name. */
function outcome(machine: Machine, state: MachineState): ReadonlyMap<string, number> {
  machine.load(state);
  machine.run(state.position.icount + 1);
  const bytes = new Map<string, number>();
  const { harts, ram } = machine.present;
  for (const key of KEYS) {
    const value = registerOf({ harts }, 0, key);
    for (let byte = 0; byte < 8; byte += 1) bytes.set(`${key} ${String(byte)}`, byteOf(value, byte));
  }
  ram.read(DATA, RAM_PAGE_BYTES).forEach((byte, at) => bytes.set(`@${String(DRAM_BASE + DATA + at)}`, byte));
  return bytes;
}

const nameOf = (origin: Origin): string => {
  switch (origin.kind) {
    case "x":
    case "f":
      return `${origin.kind}${String(origin.register)} ${String(origin.byte)}`;
    case "field":
      return `${origin.name} ${String(origin.byte)}`;
    case "memory":
      return `@${String(origin.address)}`;
    default:
      return origin.kind;
  }
};

const namesOf = (origins: Origins): Set<string> => new Set([...origins].map(nameOf));

function allOrigins(deeds: readonly Deed[]): { byByte: Map<string, Set<string>>; deciding: Set<string> } {
  const byByte = new Map<string, Set<string>>();
  const deciding: Origins[] = [];
  const values: Sourced[] = [];
  for (const key of KEYS) {
    const value = writtenTo(deeds, key);
    if (value === undefined) continue;
    values.push(value);
    value.bytes.forEach((origins, byte) => byByte.set(`${key} ${String(byte)}`, namesOf(origins)));
  }
  for (const [address, { of, byte }] of storedBytes(deeds)) {
    values.push(of);
    byByte.set(`@${String(address)}`, namesOf(of.bytes[byte] ?? new Set()));
  }
  for (const { addresses, conditions } of values) deciding.push(addresses, conditions);
  return { byByte, deciding: namesOf(union(...deciding)) };
}

test("given an instruction, when a byte is changed that is no origin, then the result's byte stays", () => {
  const recording = openRecording(join(logs, "race-fails.fold"));
  const machine = recording.openMachine();
  const base = recording.at(1000);
  const seen = new Set<string>();
  for (let index = 0; index < PERTURBED; index += 1) {
    const { mask, match, name } = ORDINARY[index % ORDINARY.length] ?? oneOf(random, ORDINARY);
    const raw = ((random(2 ** 32) & ~mask) | match) >>> 0;
    const decoded = decode(raw);
    if (decoded?.instruction.name !== name) continue;
    const own = situation();
    const touches =
      /^(l|s)(b|h|w|d|r|c|bu|hu|wu)\b|^(lr|sc|amo|fl|fs)[wd.]|^amo/.test(name) && !/^fs(qrt|ub|gnj)/.test(name);
    // Into the middle of the page, wherever the immediate leads.
    if (touches && decoded.rs1 !== 0)
      own.x[decoded.rs1] = BigInt(DRAM_BASE + DATA + 2048 - (/\./.test(name) ? 0 : decoded.imm));
    const state = stateOf(base, raw, own);
    const deeds = explain(state, 0);
    if (deeds.length !== 1 || deeds[0]?.kind !== "instruction") continue;
    const where = `FOLDVM_SEED=${String(seed)}, ${name} ${raw.toString(16)}`;
    for (const key of KEYS)
      if (writtenTo(deeds, key) !== undefined && key !== "pc")
        assert.ok(mayWrite(raw).has(key), `${where} writes ${key}`);
    const { byByte, deciding } = allOrigins(deeds);
    const before = outcome(machine, state);
    seen.add(name);
    for (const register of new Set([decoded.rs1, decoded.rs2, decoded.rs3])) {
      for (const bank of ["x", "f"] as const) {
        if (bank === "x" && register === 0) continue;
        // Another address may trap.
        if (touches && bank === "x" && register === decoded.rs1) continue;
        const byte = random(8);
        const changed = `${bank}${String(register)} ${String(byte)}`;
        if (deciding.has(changed)) continue;
        const other = {
          ...own,
          [bank]: own[bank].with(register, (own[bank][register] ?? 0n) ^ (BigInt(1 + random(255)) << BigInt(8 * byte))),
        };
        const after = outcome(machine, stateOf(base, raw, other));
        for (const [place, value] of before) {
          if (after.get(place) === value || place === changed || byByte.get(place)?.has(changed) === true) continue;
          // Flags that were not raised: nothing was written that could have an origin.
          if (!byByte.has(place) && /^(fflags|mstatus) /.test(place)) continue;
          assert.unreachable(`${where}: ${changed} changes ${place}, and is none of its origins`);
        }
      }
    }
  }
  assert.ok(seen.size > 100, `only ${String(seen.size)} instructions were tried`);
});

test("given moves, masks, shifts and extensions, when they are explained, then bytes stay apart", () => {
  const recording = openRecording(join(logs, "race-fails.fold"));
  const base = recording.at(1000);
  const originsOf = (raw: number, key: RegisterKey): string[] => {
    const value = writtenTo(explain(stateOf(base, raw, situation()), 0), key);
    return (value?.bytes ?? []).map((origins) => [...namesOf(origins)].sort().join("+"));
  };
  // mv a0, a1; andi a0, a1, 255; slli a0, a1, 16; srli a0, a1, 8; sext.w a0, a1; addi a0, a1, 1; lui a0, 1
  assert.equal(originsOf(0x0005_8513, "x10"), ["x11 0", "x11 1", "x11 2", "x11 3", "x11 4", "x11 5", "x11 6", "x11 7"]);
  assert.equal(originsOf(0x0ff5_f513, "x10"), ["x11 0", "", "", "", "", "", "", ""]);
  assert.equal(originsOf(0x0105_9513, "x10"), ["", "", "x11 0", "x11 1", "x11 2", "x11 3", "x11 4", "x11 5"]);
  assert.equal(originsOf(0x0085_d513, "x10"), ["x11 1", "x11 2", "x11 3", "x11 4", "x11 5", "x11 6", "x11 7", ""]);
  assert.equal(originsOf(0x0005_851b, "x10").slice(2), ["x11 2", "x11 3", "x11 3", "x11 3", "x11 3", "x11 3"]);
  assert.equal(originsOf(0x0015_8513, "x10").slice(0, 3), ["x11 0", "x11 0+x11 1", "x11 0+x11 1+x11 2"]);
  assert.equal(originsOf(0x0000_1537, "x10"), ["", "", "", "", "", "", "", ""]);
});

test("given the table of semantics, when all ways of an instruction are taken, then it says which registers and fields it may write", () => {
  const written = (raw: number): string[] => [...mayWrite(raw)].sort();
  assert.equal(written(0x0005_8513), ["x10"]);
  assert.equal(written(0x852e), ["x10"]);
  assert.equal(written(0x0005_8013), []);
  // csrrw a0, sscratch, a1; csrr a0, sscratch; fadd.d fa0, fa1, fa2; mret; lr.w a0, (a1)
  assert.equal(written(0x1405_9573), ["sscratch", "x10"]);
  assert.equal(written(0x1400_2573), ["x10"]);
  assert.equal(written(0x02c5_f553), ["f10", "fflags", "mstatus"]);
  assert.equal(written(0x3020_0073), ["mstatus", "pc", "privilege", "reservation"]);
  assert.equal(written(0x1005_a52f), ["reservation", "reservedValue", "x10"]);
  assert.equal(written(0), []);
  // More encodings than are remembered.
  for (let raw = 0; raw <= MAX_KNOWN_ENCODINGS; raw += 1) mayWrite(raw);
  assert.equal(written(0x0005_8513), ["x10"]);
  assert.ok(writtenByTraps().has("sepc") && writtenByTraps().has("mcause"));
  assert.not.ok([...writtenByTraps()].some((key) => /^[xf]\d/.test(key)));
});

test("given a hart whose trap handler traps, when it is explained, then there is an end to it", () => {
  const recording = openRecording(join(logs, "race-fails.fold"));
  const state = stateOf(recording.at(1000), 0, situation());
  const [hart] = state.harts;
  assert.ok(hart);
  const outside = { ...hart, fields: { ...hart.fields, mtvec: BigInt(DRAM_BASE + CODE) } };
  const deeds = explain({ ...state, harts: [outside] }, 0);
  assert.ok(deeds.length <= MAX_DEEDS_AN_INSTRUCTION);
  assert.ok(deeds.every(({ kind }) => kind === "trap"));
});

test.run();
