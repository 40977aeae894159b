/** Two states differ by name: registers and their fields, devices, symbols, members; the rest of memory by address. */
import { inspect } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { HartState } from "../../../../src/machine/hart/registers.js";
import { DRAM_BASE } from "../../../../src/machine/memory-map.js";
import { RAM_PAGE_BYTES, type RamPage } from "../../../../src/machine/ram.js";
import type { MachineState } from "../../../../src/machine/state.js";
import type { Symbol } from "../../../../src/machine/symbol-table.js";
import { diff, type Difference } from "../../../../src/streams/past/diff/index.js";
import { MAX_COUNTED_ROWS } from "../../../../src/streams/past/diff/state-diff.js";
import { MAX_SYMBOL_BYTES } from "../../../../src/streams/past/diff/memory-names.js";
import type { NameSource } from "../../../../src/streams/past/names/name-source.js";
import type { StructureType, Type } from "../../../../src/streams/past/names/type.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";

const recording = openRecording("logs/session.fold");
const state = recording.at(100_000);
const PLACE = DRAM_BASE + 0x10_0000;

/** The state with these bytes at physical addresses. */
function poked(of: MachineState, bytes: Readonly<Record<number, number>>): MachineState {
  const pages = new Map<number, Uint8Array>();
  for (const [address, byte] of Object.entries(bytes)) {
    const offset = Number(address) - DRAM_BASE;
    const index = Math.floor(offset / RAM_PAGE_BYTES);
    const page = pages.get(index) ?? of.ram.read(index * RAM_PAGE_BYTES, RAM_PAGE_BYTES);
    page[offset % RAM_PAGE_BYTES] = byte;
    pages.set(index, page);
  }
  const changed = [...pages].map(([index, page]): [number, RamPage] => [
    index,
    { bytes: page, digest: 7n + BigInt(index) },
  ]);
  return { ...of, ram: of.ram.with(changed) };
}

const withFields = (of: MachineState, fields: Partial<MachineState["harts"][0]["fields"]>): MachineState => ({
  ...of,
  harts: of.harts.map((hart) => ({ ...hart, fields: { ...hart.fields, ...fields } })),
});

const fieldsOf = ({ harts: [hart] }: MachineState): HartState["fields"] => {
  assert.ok(hart);
  return hart.fields;
};

const text: (value: unknown) => string = String;
const lines = (rows: Iterable<Difference>): string[] =>
  [...rows].map(({ name, a, b }) => `${name} ${text(a)} ${text(b)}`);

const symbol = (name: string, address: number, bytes: number): Symbol => ({
  ...{ name, address: BigInt(address), sizeBytes: BigInt(bytes) },
  kind: "object",
});

test("given a state and itself, when it is compared, then there is no row", () => {
  const same = diff(state, recording.at(100_000));
  assert.ok(same.isSame);
  assert.equal([...same], []);
  assert.is(same.text, "the states are the same");
});

test("given registers that differ, when states are compared, then each has its ABI name, and CSRs their fields", () => {
  const { pc, mstatus, mie, mscratch } = fieldsOf(state);
  const other = withFields(state, {
    pc: pc + 4n,
    mstatus: mstatus ^ 0x1888n,
    mie: mie ^ 0x80n,
    mscratch: mscratch + 1n,
  });
  const x = (state.harts[0]?.x ?? []).map((value, index) => (index === 10 ? value + 1n : value));
  const changed = { ...other, harts: other.harts.map((hart) => ({ ...hart, x })) };
  const rows = [...diff(state, changed)];
  assert.equal(
    rows.map(({ name, kind, hart }) => `${kind} ${String(hart)} ${name}`),
    ["pc", "a0", "mstatus.MIE", "mstatus.MPIE", "mstatus.MPP", "mie.MTIE", "mscratch"].map(
      (name) => `register 0 ${name}`,
    ),
  );
  assert.ok(rows.every((row) => Object.isFrozen(row)));
});

test("given devices, clocks and disks that differ, when states are compared, then it is field by field", () => {
  const { platform } = state;
  const other: MachineState = {
    ...state,
    clock: { biasNs: state.clock.biasNs + 5n },
    platform: {
      ...platform,
      uart16550: { ...platform.uart16550, received: [65], ier: 2 },
      plic: { ...platform.plic, priority: platform.plic.priority.with(3, 6) },
    },
  };
  const found = [...diff(state, other)];
  assert.equal(
    found.map(({ kind, name }) => `${kind} ${name}`),
    ["clock clock.biasNs", "device plic.priority.3", "device uart16550.ier", "device uart16550.received"],
  );
  assert.equal(found[3]?.b, [65]);
});

test("given memory that differs, when it has no name, then stretches of it are told by address, and near ones are one", () => {
  const other = poked(state, { [PLACE]: 1, [PLACE + 3]: 2, [PLACE + 300]: 3, [PLACE + 4095]: 4, [PLACE + 4096]: 5 });
  assert.equal(lines(diff(state, other)), [
    `0x${PLACE.toString(16)}:4 00 00 00 00 01 00 00 02`,
    `0x${(PLACE + 300).toString(16)}:1 00 03`,
    `0x${(PLACE + 4095).toString(16)}:2 00 00 04 05`,
  ]);
});

test("given memory that differs, when symbols name it, then small ones are numbers, and others tell from where on", () => {
  const symbols = [
    symbol("count", PLACE, 4),
    symbol("buffer", PLACE + 8, 100),
    symbol("endless", PLACE + 200, MAX_SYMBOL_BYTES + 1),
    { ...symbol("mark", PLACE + 4, 0), kind: "label" as const },
  ];
  const other = poked(state, { [PLACE + 1]: 1, [PLACE + 28]: 9, [PLACE + 300]: 7 });
  assert.equal(lines(diff(state, other, { names: [{ title: "a test", symbols: () => symbols }] })), [
    "count 0 256",
    "buffer+0x14:1 00 09",
    `0x${(PLACE + 300).toString(16)}:1 00 07`,
  ]);
});

const u32: Type = { kind: "integer", name: "u32", bytes: 4, isSigned: false };
const letters: Type = {
  kind: "array",
  length: 8,
  element: () => ({ kind: "character", name: "char", bytes: 1, isSigned: false }),
};
const link: StructureType = {
  kind: "structure",
  name: "link",
  bytes: 48,
  members: () => [
    { name: "count", offsetBits: 0, widthBits: undefined, type: () => u32 },
    { name: "isOpen", offsetBits: 32, widthBits: 1, type: () => u32 },
    { name: "name", offsetBits: 64, widthBits: undefined, type: () => letters },
    {
      name: "slot",
      offsetBits: 128,
      widthBits: undefined,
      type: () => ({ kind: "array", length: 8, element: () => u32 }),
    },
  ],
};

const sourceOf = (name: string, type: Type, bytes: number): NameSource => ({
  title: "a test",
  symbols: () => [symbol(name, PLACE, bytes)],
  variable: (asked) => (asked === name ? { name, type, locate: () => undefined } : undefined),
});

test("given memory of a variable whose type is known, when it differs, then its members and elements do", () => {
  const other = poked(state, { [PLACE]: 3, [PLACE + 4]: 1, [PLACE + 8]: 0x68, [PLACE + 9]: 0x69, [PLACE + 24]: 255 });
  assert.equal(lines(diff(state, other, { names: [sourceOf("link", link, 48)] })), [
    "link.count 0 3",
    "link.isOpen 0 1",
    "link.name  hi",
    "link.slot[2] 0 255",
  ]);
});

test("given a type that contains itself, when its memory differs, then the bytes are told", () => {
  const circle: StructureType = {
    ...link,
    members: () => ["self", "same"].map((name) => ({ name, offsetBits: 0, widthBits: undefined, type: () => circle })),
  };
  const other = poked(state, { [PLACE]: 3 });
  assert.equal(lines(diff(state, other, { names: [sourceOf("link", circle, 48)] })), ["link:1 00 03"]);
});

test("given things to ignore, when states are compared, then they are left out, and a wrong one is named", () => {
  const symbols = [symbol("count", PLACE, 4)];
  const { pc } = fieldsOf(state);
  const poke = { [PLACE]: 1, [PLACE + 0x100]: 2, [PLACE + 0x104]: 3 };
  const other = { ...poked(withFields(state, { pc: pc + 2n }), poke), clock: { biasNs: 1n } };
  const left = (...ignore: (string | { address: number; bytes: number })[]): string[] =>
    [...diff(state, other, { ignore, names: [{ title: "a test", symbols: () => symbols }] })].map(({ name }) => name);
  const stretch = `0x${(PLACE + 0x100).toString(16)}`;
  assert.equal(left(), ["clock.biasNs", "pc", "count", `${stretch}:5`]);
  assert.equal(left("clock", "pc"), ["count", `${stretch}:5`]);
  assert.equal(left("clock.biasNs", "registers", "count"), [`${stretch}:5`]);
  assert.equal(left("memory", "hart0.pc"), ["clock.biasNs"]);
  assert.equal(left("memory", "hart1.pc"), ["clock.biasNs", "pc"]);
  assert.equal(left("clock", "pc", "count", { address: PLACE + 0x100, bytes: 4 }), [
    `0x${(PLACE + 0x104).toString(16)}:1`,
  ]);
  assert.throws(() => left("cuont"), /there is no cuont; nearest are count/);
  assert.throws(() => left("clock/warped", "clock/wraped"), /is clock\/warped meant/);
});

test("given RAM of two sizes, when states are compared, then the machine differs, and what both have is compared", () => {
  const small: MachineState = { ...state, config: { ...state.config, memoryBytes: 2 ** 21 } };
  assert.equal(
    [...diff(state, small)].map(({ name }) => name),
    ["machine.memoryBytes"],
  );
});

test("given more differences than are counted, when it is printed, then the text is short and says so", () => {
  const bytes: Record<number, number> = {};
  for (let count = 0; count <= MAX_COUNTED_ROWS + 40; count += 1) bytes[DRAM_BASE + 0x2_0000 + 16 * count] = 0xff;
  const roomy = openRecording("logs/race-fails.fold").at(0);
  const answer = diff(roomy, poked(roomy, bytes));
  assert.match(answer.text, /and more than 20000 more$/);
  assert.ok(answer.text.split("\n").length < 50);
  assert.is(inspect(answer), answer.text);
  assert.ok(
    JSON.stringify(answer, (_name, value: unknown) => (typeof value === "bigint" ? String(value) : value)).length <
      10_000,
  );
});

test("given a text without a row, when the states differ, then it does not say that they are the same", () => {
  const text = diff(state, recording.at(100_001)).textOf(0);
  assert.match(text, /\nthe states differ; not shown: \d+$/);
  assert.is(diff(state, state).textOf(0), "the states are the same");
});

test.run();
