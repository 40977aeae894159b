/** A hart that was stopped before an instruction, or before its access, is as one that ran to there and no further. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Probed, Probes } from "../../../src/machine/engine/probes.js";
import { HART_FIELDS } from "../../../src/machine/hart/fields.js";
import { DRAM_BASE } from "../../../src/machine/memory-map.js";
import { Program } from "../../support/assemble.js";
import { BareHart, CODE, DATA, engines, onEveryEngine, reference, type NamedEngine } from "../../support/engines.js";
import { load, randomPool, randomProgram } from "../../support/random-programs.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";
import { entry, leafAddress, map, MAPPED, pageIn, PTE } from "../../support/sv39.js";

const seed = freshSeed();
console.log(`    stand-before: FOLDVM_SEED=${String(seed)}`);

const PROGRAMS = Number(process.env["FOLDVM_PROGRAMS"] ?? 5);
const INSNS = 600;
const PAGE = 0x1000n;
const EVERYWHERE = [{ address: DRAM_BASE, bytes: 0x4_0000 }];

interface Stopping {
  readonly hart: BareHart;
  /** Of what it was told where it was stopped. */
  readonly stops: Probed["type"][];
}

/** Before what the predicate wants, once where it then stands. */
function stoppedBefore(engine: NamedEngine, probes: Probes, wants: (probed: Probed) => boolean): Stopping {
  const stops: Probed["type"][] = [];
  let stood = "";
  const hart: BareHart = new BareHart({
    name: engine.name,
    create: (bus, options) =>
      engine.create(bus, {
        ...options,
        probed: (icount, probed) => {
          const here = `${String(icount)} ${String(hart.pc)}`;
          if (here === stood || !wants(probed)) return;
          stood = here;
          stops.push(probed.type);
          hart.engine.standBefore();
        },
      }),
  });
  hart.engine.watch(probes);
  return { hart, stops };
}

const stateOf = (hart: BareHart): string =>
  [
    hart.icount,
    ...HART_FIELDS.map((name) => hart.field(name).toString(16)),
    ...Array.from({ length: 32 }, (_, index) => `${hart.x(index).toString(16)} ${hart.f(index).toString(16)}`),
  ].join(" ");

function requireSame(hart: BareHart, expected: BareHart, where?: string): void {
  assert.is(stateOf(hart), stateOf(expected), where);
  assert.is(Buffer.compare(hart.engine.ram, expected.engine.ram), 0, where);
}

test("given random programs, when a hart is stopped before instructions and accesses, then it is as one that ran to there", () => {
  const pool = randomPool(seededRandom(seed));
  const counts = new Map<string, number>();
  for (let index = 0; index < PROGRAMS; index += 1) {
    const programSeed = (seed + index * 5003) >>> 0;
    const program = randomProgram(seededRandom(programSeed), pool);
    const arrivals = Array.from({ length: 0x2800 }, (_, halfword) => DRAM_BASE + 0x1000 + 2 * halfword);
    for (const engine of engines) {
      const random = seededRandom(programSeed);
      const probes = { stores: EVERYWHERE, loads: index % 2 === 0 ? EVERYWHERE : [], arrivals };
      const { hart, stops } = stoppedBefore(
        engine,
        probes,
        ({ type }) => random(8) < (type === "instruction/reached" ? 1 : 7),
      );
      const plain = new BareHart(reference);
      for (const one of [hart, plain]) {
        load(one, program);
        one.engine.invalidate();
      }
      const isPastTrap = (): boolean => hart.engine.trappedAt === hart.icount;
      for (let end = hart.resume(INSNS); end === "attention"; end = hart.resume(INSNS - hart.icount)) {
        const kind = isPastTrap() ? "past a trap" : (stops.at(-1) ?? "");
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        if (isPastTrap()) continue;
        while (plain.icount < hart.icount) plain.resume(hart.icount - plain.icount);
        requireSame(hart, plain, `FOLDVM_SEED=${String(seed)}, program ${String(programSeed)}, ${engine.name}`);
      }
      while (plain.icount < hart.icount) plain.resume(hart.icount - plain.icount);
      // Its last stop may have been there, past a trap that the other comes to with its next instruction.
      if (!isPastTrap()) requireSame(hart, plain);
    }
  }
  for (const kind of ["memory/stored", "memory/loaded", "instruction/reached", "past a trap"])
    assert.ok((counts.get(kind) ?? 0) > 0, `only ${String(counts.get(kind))}: ${kind}`);
});

const UNUSED = PTE.V | PTE.R | PTE.W | PTE.X;

/** Two pages whose entries say that nothing used them. */
function unusedPages(hart: BareHart, instruction: Program, address: bigint): BareHart {
  map(pageIn(hart), MAPPED, DATA, UNUSED);
  map(hart, MAPPED + PAGE, DATA + PAGE, UNUSED);
  hart.placeDouble(DATA, 5n).setX(1, address).setX(2, 7n);
  hart.place(CODE, new Program().i("addi", { rd: 4, imm: 1 })).place(CODE + 4n, instruction);
  return hart;
}

const ACCESSES: readonly (readonly [string, Program, bigint])[] = [
  ["a store", new Program().i("sd", { rs1: 1, rs2: 2 }), MAPPED],
  ["a load", new Program().i("ld", { rd: 3, rs1: 1 }), MAPPED],
  ["an AMO", new Program().i("amoadd.d", { rd: 3, rs1: 1, rs2: 2 }), MAPPED],
  ["a load that reserves", new Program().i("lr.d", { rd: 3, rs1: 1 }), MAPPED],
  ["a store to two pages", new Program().i("sd", { rs1: 1, rs2: 2, imm: -4 }), MAPPED + PAGE],
  ["a load from two pages", new Program().i("ld", { rd: 3, rs1: 1, imm: -4 }), MAPPED + PAGE],
];

for (const [name, program, address] of ACCESSES) {
  onEveryEngine(
    `given ${name} of pages that nothing used, when it is stopped before, then no entry is marked`,
    (engine) => {
      const data = [{ address: Number(DATA), bytes: 0x2000 }];
      const { hart, stops } = stoppedBefore(engine, { stores: data, loads: data }, () => true);
      const [plain, whole] = [new BareHart(reference), new BareHart(reference)];
      for (const one of [hart, plain, whole]) unusedPages(one, program, address);
      assert.is(hart.run(2), "attention");
      assert.is(stops.length, 1);
      plain.run(1);
      requireSame(hart, plain);
      assert.is(hart.double(leafAddress(MAPPED)), entry(DATA, UNUSED));
      assert.is(hart.resume(1), "budget");
      whole.run(2);
      requireSame(hart, whole);
      assert.is.not(hart.double(leafAddress(MAPPED)), entry(DATA, UNUSED));
    },
  );
}

onEveryEngine(
  "given an entry that is watched, when a walk is to mark it, then the hart stands before that",
  (engine) => {
    const probes = { stores: [{ address: Number(leafAddress(MAPPED)), bytes: 8 }] };
    const { hart, stops } = stoppedBefore(engine, probes, () => true);
    unusedPages(hart, new Program().i("sd", { rs1: 1, rs2: 2 }), MAPPED);
    assert.is(hart.run(2), "attention");
    assert.equal([stops, hart.icount, hart.double(leafAddress(MAPPED))], [["memory/stored"], 1, entry(DATA, UNUSED)]);
    assert.is(hart.resume(1), "budget");
    assert.is(hart.double(leafAddress(MAPPED)), entry(DATA, UNUSED | PTE.A | PTE.D));
  },
);

onEveryEngine(
  "given code on a page that nothing used, when it is stopped before its first, then no entry is marked",
  (engine) => {
    const { hart } = stoppedBefore(engine, { arrivals: [Number(DATA)] }, () => true);
    unusedPages(hart, new Program().i("jalr", { rs1: 1 }), MAPPED);
    hart.place(DATA, new Program().i("addi", { rd: 3, imm: 3 }));
    assert.is(hart.run(3), "attention");
    assert.equal([hart.icount, hart.pc, hart.double(leafAddress(MAPPED))], [2, MAPPED, entry(DATA, UNUSED)]);
    assert.is(hart.resume(1), "budget");
    assert.equal([hart.x(3), hart.double(leafAddress(MAPPED))], [3n, entry(DATA, UNUSED | PTE.A)]);
  },
);

test.run();
