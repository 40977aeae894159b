/**
 * Every engine does what the reference does, instruction by instruction, however its run is cut and its caches are
 * dropped.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { RAM_BASE } from "../../../src/machine/engine/layout.js";
import { HART_FIELDS } from "../../../src/machine/hart/fields.js";
import { disassemble } from "../../../src/machine/isa/disassemble.js";
import {
  againstInterpreter,
  againstReference,
  BareHart,
  DEVICE,
  RAM_BYTES,
  reference,
  type ComparisonPlan,
} from "../../support/engines.js";
import { forgetCode, forgetWrites } from "../../support/flushed-machine.js";
import { load, randomPool, randomProgram } from "../../support/random-programs.js";
import { freshSeed, seededRandom, type Random } from "../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    engine equivalence: FOLDVM_SEED=${String(seed)}`);

const pool = randomPool(seededRandom(seed));
const PROGRAMS = Number(process.env["FOLDVM_PROGRAMS"] ?? 150);
const LONG_PROGRAMS = Number(process.env["FOLDVM_LONG_PROGRAMS"] ?? 16);

const SHORT: ComparisonPlan = {
  ...againstReference,
  insns: 400,
  strideInsns: (random) => 1 + random(random(2) === 0 ? 8 : 200),
};
const LONG: ComparisonPlan = {
  ...againstInterpreter,
  insns: 100_000,
  // As many short ones as long ones, from 1 to 50,000.
  strideInsns: (random) => Math.min(50_000, 1 + random(2 ** (1 + random(16)))),
};
/** Code, the page tables, and data: see `random-programs.ts`. */
const DMA_PAGES = [1, 2, 6, 7, 8, 8, 9, 10];
/** From page 1 on: the program's, and the handlers. */
const CODE_PAGES = 5;

/** The device: register 0 sets the interrupt lines, register 8 has the instruction start again, once. */
function wire(hart: BareHart): void {
  let restarted = -1n;
  hart.bus.onAccess = () => {
    const [kind, , address, value] = (hart.bus.accesses.at(-1) ?? "").split(" ");
    const register = BigInt(`0x${address ?? "0"}`) - DEVICE;
    if (register === 0n && kind === "store") {
      hart.raise(BigInt(`0x${value ?? "0"}`) & 0xa8an);
    }
    const icount = BigInt(hart.engine.icountInRun());
    if (register === 8n && restarted !== icount) {
      restarted = icount;
      hart.engine.restartInstruction();
    }
  };
}

const registersOf = (hart: BareHart, end: string): string[] => [
  `end ${end}`,
  `icount ${String(hart.icount)}`,
  ...HART_FIELDS.map((name) => `${name} ${hart.field(name).toString(16)}`),
  ...Array.from({ length: 32 }, (_, index) => `x${String(index)} ${hart.x(index).toString(16)}`),
  ...Array.from({ length: 32 }, (_, index) => `f${String(index)} ${hart.f(index).toString(16)}`),
  ...hart.bus.accesses.slice(-4),
];

/** Runs up to the icount in random pieces, with the caches dropped now and then: none of which may show. */
function runTo(hart: BareHart, until: number, random: Random): string {
  const whole = random(2) === 0;
  for (;;) {
    const left = until - hart.icount;
    if (random(8) === 0) hart.engine.invalidate();
    if (random(8) === 0) forgetCode(hart.engine, 1 + random(CODE_PAGES));
    if (random(16) === 0) forgetWrites(hart.engine);
    const end = hart.resume(whole ? left : Math.min(left, 1 + random(left + 1)));
    if (end === "idle" || (end === "budget" && hart.icount === until)) return end;
  }
}

function firstDifference(expected: BareHart, actual: BareHart, ends: readonly string[]): string | undefined {
  const [lines, theirs] = [registersOf(expected, ends[0] ?? ""), registersOf(actual, ends[1] ?? "")];
  const different = lines.flatMap((line, index) =>
    line === theirs[index] ? [] : [`${line} | ${String(theirs[index])}`],
  );
  if (different.length > 0) return different.join("\n");
  const [ram, other] = [expected.engine.ram, actual.engine.ram];
  if (Buffer.compare(ram, other) !== 0) {
    const offset = ram.findIndex((byte, index) => byte !== other[index]);
    return `RAM at +0x${offset.toString(16)}: ${String(ram[offset])} | ${String(other[offset])}`;
  }
  return undefined;
}

/** The pages written since the last time, as whoever takes hashes and states hears of them. */
const takeWritten = ({ engine }: BareHart): string =>
  (["digest", "capture"] as const).map((reader) => engine.takeWritten(reader).join(" ")).join("; ");

/** The program's last steps before the difference, for a reader. */
function explain(programSeed: number, until: number): string {
  const hart = new BareHart(reference);
  load(hart, randomProgram(seededRandom(programSeed), pool));
  wire(hart);
  const lines: string[] = [];
  while (hart.icount < until) {
    const offset = Number(hart.pc & 0xf_ffffn);
    const { ram } = hart.engine;
    const raw = new DataView(ram.buffer, ram.byteOffset).getUint32(Math.min(offset, RAM_BYTES - 4), true);
    lines.push(`${String(hart.icount)} ${String(hart.field("privilege"))} ${hart.pc.toString(16)} ${disassemble(raw)}`);
    if (hart.resume(1) === "idle") break;
  }
  return lines.slice(-12).join("\n");
}

interface Coverage {
  insns: number;
  readonly causes: Set<string>;
  readonly modes: Set<bigint>;
}

function compare(programSeed: number, coverage: Coverage, plan: ComparisonPlan): void {
  const random = seededRandom(programSeed ^ 0x5eed);
  const program = randomProgram(seededRandom(programSeed), pool);
  const [expected, ...others] = [plan.base, ...plan.others].map((engine, index) => {
    const hart = new BareHart(engine);
    load(hart, program);
    wire(hart);
    hart.engine.invalidate();
    return { hart, name: engine.name, cuts: seededRandom(programSeed + index) };
  });
  assert.ok(expected);
  const harts = [expected, ...others].map(({ hart }) => hart);
  let until = 0;
  while (until < plan.insns) {
    const from = until;
    until += plan.strideInsns(random);
    const end = runTo(expected.hart, until, expected.cuts);
    for (const { hart, name, cuts } of others) {
      const difference = firstDifference(expected.hart, hart, [end, runTo(hart, until, cuts)]);
      if (difference === undefined) continue;
      assert.unreachable(
        `FOLDVM_SEED=${String(seed)}, program ${String(programSeed)}, ${name}, ` +
          `between ${String(from)} and ${String(until)}:\n${difference}\n${explain(programSeed, until)}`,
      );
    }
    coverage.causes.add(`m${expected.hart.field("mcause").toString(16)}`);
    coverage.causes.add(`s${expected.hart.field("scause").toString(16)}`);
    coverage.modes.add(expected.hart.field("privilege"));
    coverage.insns += expected.hart.icount - from;
    until = expected.hart.icount;
    const happening = random(8);
    const offset = random(64) * 8;
    const [lines, page, byte] = [BigInt(1 << random(12)) & 0xaaan, DMA_PAGES[random(DMA_PAGES.length)], random(256)];
    for (const hart of harts) {
      // A device: its line, its DMA into code, data or page tables.
      if (happening === 0 || end === "idle") hart.raise(lines);
      if (happening === 1) hart.place(BigInt(RAM_BASE + (page ?? 1) * 0x1000 + offset), new Uint8Array(8).fill(byte));
    }
    if (happening === 2) sameWritten(programSeed, harts);
    if (end === "idle" && random(4) === 0) break;
  }
  sameWritten(programSeed, harts);
}

function sameWritten(programSeed: number, harts: readonly BareHart[]): void {
  const [expected, ...others] = harts.map(takeWritten);
  for (const written of others)
    assert.is(written, expected, `FOLDVM_SEED=${String(seed)}, program ${String(programSeed)}: pages written`);
}

test("given random programs, when every engine runs them in random pieces, then all do what the reference does", () => {
  const coverage: Coverage = { insns: 0, causes: new Set(), modes: new Set() };
  for (let index = 0; index < PROGRAMS; index += 1) compare((seed + index * 7919) >>> 0, coverage, SHORT);
  // The programs must be worth running: a generator that only traps would prove nothing.
  assert.ok(coverage.insns > PROGRAMS * (SHORT.insns / 2), `only ${String(coverage.insns)} instructions retired`);
  assert.ok(coverage.causes.size > 20, `only the causes ${[...coverage.causes].join(" ")}`);
  assert.is(coverage.modes.size, 3);
});

test("given long programs, when compiled by default, at once and early, then all do what the interpreter does", () => {
  const coverage: Coverage = { insns: 0, causes: new Set(), modes: new Set() };
  for (let index = 0; index < LONG_PROGRAMS; index += 1) compare((seed + index * 6007) >>> 0, coverage, LONG);
  assert.ok(coverage.insns > LONG_PROGRAMS * 10_000, `only ${String(coverage.insns)} instructions retired`);
});

test.run();
