/** Every engine tells what the reference tells, whatever is probed. A probed engine does what an unprobed one does. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_PROBES, type EncodingFilter, type Probed, type Probes } from "../../../src/machine/engine/probes.js";
import { HART_FIELDS } from "../../../src/machine/hart/fields.js";
import { DRAM_BASE } from "../../../src/machine/memory-map.js";
import { Program } from "../../support/assemble.js";
import {
  BareHart,
  CODE,
  DATA,
  DEVICE,
  engines,
  fastEngines,
  interpreter,
  onEveryEngine,
  reference,
  withDefaults,
  type NamedEngine,
} from "../../support/engines.js";
import { forgetCode, forgetWrites } from "../../support/flushed-machine.js";
import { load, randomPool, randomProgram } from "../../support/random-programs.js";
import { freshSeed, oneOf, seededRandom, type Random } from "../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    probes: FOLDVM_SEED=${String(seed)}`);

const pool = randomPool(seededRandom(seed));
const PROGRAMS = Number(process.env["FOLDVM_PROGRAMS"] ?? 20);
const LONG_PROGRAMS = Number(process.env["FOLDVM_LONG_PROGRAMS"] ?? 3);
const PAGE = 0x1000;
const MSCRATCH = 0x340;
const SATP = 0x180;

interface Told {
  readonly icount: number | undefined;
  readonly pc: bigint;
  readonly probed: Probed;
}

interface ProbedHart {
  readonly hart: BareHart;
  readonly told: Told[];
}

/** `endsRun`: whether the listener ends the run, before the instruction or after it, which must not show. */
const probedHart = (
  { name, create }: NamedEngine,
  endsRun = (): "before" | "after" | undefined => undefined,
): ProbedHart => {
  const told: Told[] = [];
  /** What was told of the instruction under way, and what is told again of one before which it was stopped. */
  let heard: Told[] = [];
  let again: string[] = [];
  const hart: BareHart = new BareHart({
    name,
    create: (bus, options) =>
      create(bus, {
        ...options,
        probed: (icount, probed) => {
          const what = { icount, pc: hart.pc, probed };
          if (heard[0]?.icount !== icount || heard[0]?.pc !== what.pc) heard = [];
          heard.push(what);
          if (again.shift() === lineOf(what)) return;
          again = [];
          told.push(what);
          const end = icount === undefined ? undefined : endsRun();
          if (end === "before" && CAN_STOP_BEFORE.includes(probed.type)) {
            again = heard.map(lineOf);
            heard = [];
            hart.engine.standBefore();
          } else if (end !== undefined) {
            hart.engine.endRun();
          }
        },
      }),
  });
  return { hart, told };
};

const CAN_STOP_BEFORE: readonly Probed["type"][] = ["instruction/reached", "memory/stored", "memory/loaded"];

const lineOf = ({ icount, pc, probed }: Told): string =>
  [
    String(icount),
    pc.toString(16),
    ...Object.values(probed).map((part: number | undefined) => part?.toString(16) ?? ""),
  ].join(" ");

const NEITHER = Array.from({ length: 6 }, () => undefined);

/** Register 0 of the device sets the interrupt lines. */
function wire(hart: BareHart): void {
  hart.bus.onAccess = () => {
    const [kind, , address, value] = (hart.bus.accesses.at(-1) ?? "").split(" ");
    if (BigInt(`0x${address ?? "0"}`) === DEVICE && kind === "store") hart.raise(BigInt(`0x${value ?? "0"}`) & 0xa8an);
  };
}

/** By destination register, and by opcode. */
const FILTERS: readonly EncodingFilter[] = [(raw) => ((raw >>> 7) & 31) === 10, (raw) => (raw & 0x7f) === 0x73];

/** Pages 1 to 3 hold code, 4 and 5 the handlers, 6 to 8 page tables, 9 to 15 data: see `random-programs.ts`. */
function randomProbes(random: Random): Probes {
  const range = (): { address: number; bytes: number } => {
    if (random(2) === 0) return { address: DRAM_BASE + PAGE, bytes: 15 * PAGE };
    return { address: DRAM_BASE + (1 + random(15)) * PAGE + random(PAGE), bytes: 1 + random(16) };
  };
  const some = <T>(most: number, one: () => T): T[] => Array.from({ length: random(most + 1) }, one);
  return {
    stores: some(4, range),
    loads: random(2) === 0 ? [] : some(4, range),
    arrivals: some(300, () => DRAM_BASE + (1 + random(5)) * PAGE + 2 * random(PAGE / 2)),
    pageOffsets: random(3) === 0 ? some(20, () => 2 * random(PAGE / 2)) : [],
    traps: random(2) === 0,
    csrWrites: oneOf(random, [true, false, [MSCRATCH, SATP]]),
    devices: random(2) === 0 ? [] : some(2, () => ({ address: Number(DEVICE) + random(64), bytes: 1 + random(256) })),
    encodings: random(2) === 0 ? undefined : oneOf(random, FILTERS),
  };
}

function runTo({ hart }: ProbedHart, until: number, random: Random): string {
  const whole = random(2) === 0;
  for (;;) {
    const left = until - hart.icount;
    if (random(8) === 0) forgetCode(hart.engine, 1 + random(5));
    if (random(16) === 0) forgetWrites(hart.engine);
    const end = hart.resume(whole ? left : Math.min(left, 1 + random(left + 1)));
    if (end === "idle" || (end === "budget" && hart.icount === until)) return end;
  }
}

const registersOf = (hart: BareHart): string =>
  [
    hart.icount,
    ...HART_FIELDS.map((name) => hart.field(name).toString(16)),
    ...Array.from({ length: 32 }, (_, index) => `${hart.x(index).toString(16)} ${hart.f(index).toString(16)}`),
  ].join(" ");

const counts = new Map<string, number>();

interface Plan {
  readonly base: NamedEngine;
  readonly others: readonly NamedEngine[];
  readonly insns: number;
  readonly longestStride: number;
}

function compare(programSeed: number, { base, others, insns, longestStride }: Plan): void {
  const random = seededRandom(programSeed ^ 0x9e37);
  const program = randomProgram(seededRandom(programSeed), pool);
  const unprobed: ProbedHart = { hart: new BareHart(base), told: [] };
  const expected = probedHart(base);
  const endings = seededRandom(programSeed);
  const lanes = others.map((engine) => ({
    ...probedHart(engine, () => oneOf(endings, ["before", "after", ...NEITHER])),
    name: engine.name,
  }));
  const all = [unprobed, expected, ...lanes];
  for (const { hart } of all) {
    load(hart, program);
    wire(hart);
    hart.engine.invalidate();
  }
  const cuts = all.map((_, index) => seededRandom(programSeed + index));
  for (let until = 0; until < insns;) {
    const probes = randomProbes(random);
    for (const { hart } of [expected, ...lanes]) hart.engine.watch(probes);
    until += 1 + random(longestStride);
    const ends = all.map((lane, index) => runTo(lane, until, cuts[index] ?? random));
    const dma = Uint8Array.from({ length: 1 + random(64) }, () => random(256));
    const place = (9 + random(6)) * PAGE + random(PAGE - 64);
    for (const { hart } of all) hart.engine.writeRam(place, dma, "device");
    const where = `FOLDVM_SEED=${String(seed)}, program ${String(programSeed)}, until ${String(until)}`;
    const lines = expected.told.map(lineOf);
    for (const { hart, told, name } of lanes) {
      assert.equal(told.map(lineOf), lines, `${where}: ${name} tells something else`);
      assert.is(registersOf(hart), registersOf(expected.hart), `${where}: ${name} is elsewhere`);
      told.length = 0;
    }
    assert.is(registersOf(expected.hart), registersOf(unprobed.hart), `${where}: probes are visible`);
    assert.is(Buffer.compare(expected.hart.engine.ram, unprobed.hart.engine.ram), 0, where);
    for (const { probed } of expected.told) counts.set(probed.type, (counts.get(probed.type) ?? 0) + 1);
    expected.told.length = 0;
    if (ends[0] === "idle") break;
  }
}

test("given random programs and probes, when every engine runs them, then all tell the same, and nothing else changes", () => {
  counts.clear();
  for (let index = 0; index < PROGRAMS; index += 1)
    compare((seed + index * 7919) >>> 0, { base: reference, others: fastEngines, insns: 600, longestStride: 200 });
  for (const type of ["memory/stored", "memory/loaded", "instruction/reached", "trap/taken", "csr/written"])
    assert.ok((counts.get(type) ?? 0) > PROGRAMS / 10, `only ${String(counts.get(type))} times ${type}`);
});

test("given long programs, when regions are compiled as for users, then they tell what the interpreter tells", () => {
  const others = [withDefaults, ...fastEngines.filter((engine) => engine !== interpreter)];
  for (let index = 0; index < LONG_PROGRAMS; index += 1)
    compare((seed + index * 6007) >>> 0, { base: interpreter, others, insns: 60_000, longestStride: 20_000 });
});

onEveryEngine(
  "given an instruction that is reached, when the listener ends the run before it, then it has not executed, and is reached again",
  (engine) => {
    // The second one lies on two pages, so that it has no slot of its own.
    for (const start of [CODE, CODE + BigInt(PAGE) - 10n]) {
      const { hart, told } = probedHart(engine, () => "before");
      hart.engine.watch({ arrivals: [Number(start) + 8] });
      const add = (imm: number) => ({ rd: 5, rs1: 5, imm });
      hart.place(
        start,
        new Program().i("addi", add(1)).i("addi", add(2)).i("addi", add(4)).i("lw", { rd: 6, rs1: 10 }),
      );
      hart.set("pc", start).setX(10, DATA);
      hart.engine.invalidate();
      const stops: (readonly [number, bigint, bigint])[] = [];
      for (let runs = 0; hart.icount < 4; runs += 1) {
        assert.ok(runs < 4);
        hart.resume(Math.min(4, hart.icount === 2 ? 3 : 4) - hart.icount);
        stops.push([hart.icount, hart.pc - start, hart.x(5)]);
      }
      assert.equal(stops, [
        [2, 8n, 3n],
        [3, 12n, 7n],
        [4, 16n, 7n],
      ]);
      assert.is(told.length, 1);
    }
  },
);

onEveryEngine(
  "given a word that is watched, when it is stored to by parts and by a device, then each is told",
  (engine) => {
    const { hart, told } = probedHart(engine);
    const address = Number(DATA);
    hart.engine.watch({ stores: [{ address, bytes: 4 }] });
    hart.setX(10, DATA).setX(11, 0x1122_3344_5566_7788n);
    hart.execute(
      new Program()
        .i("sb", { rs1: 10, rs2: 11, imm: 1 })
        .i("sd", { rs1: 10, rs2: 11, imm: -4 })
        .i("sw", { rs1: 10, rs2: 11, imm: 4 })
        .i("lw", { rd: 5, rs1: 10 })
        .i("amoadd.w", { rd: 5, rs1: 10, rs2: 11 }),
    );
    hart.engine.writeRam(address - DRAM_BASE - 1, Uint8Array.of(1, 2, 3), "device");
    assert.equal(
      told.map(({ icount, probed }) => [icount, probed]),
      [
        [0, { type: "memory/stored", address: address + 1, bytes: 1, value: 0x88n, before: 0n, by: "hart" }],
        [
          1,
          {
            // The other half lies in the page before.
            ...{ type: "memory/stored", address, bytes: 4, by: "hart" },
            ...{ value: 0x1122_3344n, before: 0x8800n },
          },
        ],
        [
          4,
          {
            ...{ type: "memory/stored", address, bytes: 4, by: "hart" },
            ...{ value: 0x6688_aaccn, before: 0x1122_3344n },
          },
        ],
        [undefined, { type: "memory/stored", address, bytes: 2, value: 0x302n, before: 0xaaccn, by: "device" }],
      ],
    );
  },
);

onEveryEngine(
  "given an instruction that is probed, when it is reached in a loop, then each arrival is told, with the registers before it",
  (engine) => {
    const { hart, told } = probedHart(engine);
    const seen: bigint[] = [];
    hart.setX(5, 5n);
    hart.place(
      CODE,
      new Program().label("loop").i("addi", { rd: 5, rs1: 5, imm: -1 }).i("bne", { rs1: 5, rs2: 0, imm: "loop" }),
    );
    hart.engine.watch({ arrivals: [Number(CODE) + 4] });
    hart.run(10);
    for (const { icount, probed } of told) {
      assert.equal(probed, { type: "instruction/reached", address: Number(CODE) + 4 });
      seen.push(BigInt(icount ?? -1));
    }
    assert.equal(seen, [1n, 3n, 5n, 7n, 9n]);
  },
);

onEveryEngine(
  "given a device that is watched, when it is asked, then each access is told with its answer",
  (engine) => {
    const { hart, told } = probedHart(engine);
    hart.engine.watch({ devices: [{ address: Number(DEVICE), bytes: 0x200 }] });
    hart.setX(10, DEVICE).setX(11, -1n);
    hart.execute(
      new Program()
        .i("sw", { rs1: 10, rs2: 11 })
        .i("lw", { rd: 5, rs1: 10 })
        .i("ld", { rd: 5, rs1: 10, imm: -8 })
        // Nothing answers there, so it traps.
        .i("lw", { rd: 5, rs1: 10, imm: 0x100 }),
    );
    const missed = { type: "device/loaded", address: DEVICE + 0x100n, bytes: 4, value: undefined };
    assert.equal(
      told.map(({ icount, probed }) => [icount, probed]),
      [
        [0, { type: "device/stored", address: DEVICE, bytes: 4, value: 0xffff_ffffn }],
        [1, { type: "device/loaded", address: DEVICE, bytes: 4, value: 0xffff_ffffn }],
      ],
    );
    hart.set("pc", CODE + 12n).run(1);
    assert.equal(told.at(-1)?.probed, missed);
  },
);

onEveryEngine("given a CSR that is watched, when CSRs are written, then it alone is told", (engine) => {
  const { hart, told } = probedHart(engine);
  hart.engine.watch({ csrWrites: [MSCRATCH] });
  hart.setX(11, 7n);
  hart.execute(
    new Program()
      .i("csrrw", { rd: 0, rs1: 11, imm: MSCRATCH })
      .i("csrrw", { rd: 0, rs1: 11, imm: SATP })
      .i("csrrsi", { rd: 5, rs1: 8, imm: MSCRATCH }),
  );
  assert.equal(
    told.map(({ icount, probed }) => [icount, probed]),
    [
      [0, { type: "csr/written", csr: MSCRATCH, value: 7n, mask: 0xffff_ffff_ffff_ffffn }],
      [2, { type: "csr/written", csr: MSCRATCH, value: 8n, mask: 8n }],
    ],
  );
});

test("given an engine without a listener, or more probes than there may be, when it is asked to watch, then it says so", () => {
  for (const engine of engines) {
    assert.throws(() => {
      new BareHart(engine).engine.watch({});
    }, /without a listener/);
    const { hart } = probedHart(engine);
    const arrivals = Array.from({ length: MAX_PROBES }, (_, index) => DRAM_BASE + 2 * index);
    hart.engine.watch({ arrivals });
    assert.throws(() => {
      hart.engine.watch({ arrivals: [...arrivals, DRAM_BASE + 2 * MAX_PROBES] });
    }, /65537 probes/);
  }
});

test("given probes, when the rest of a program is hot, then it is compiled all the same", () => {
  const { hart } = probedHart(withDefaults);
  hart.setX(5, 1_000_000n).setX(10, DATA);
  hart.place(
    CODE,
    new Program()
      .label("loop")
      .i("addi", { rd: 5, rs1: 5, imm: -1 })
      .i("sd", { rs1: 10, rs2: 5 })
      .i("bne", { rs1: 5, rs2: 0, imm: "loop" }),
  );
  hart.engine.watch({ stores: [{ address: Number(DATA) + PAGE, bytes: 8 }], arrivals: [Number(CODE) + 0x100] });
  hart.run(2_000_000);
  const compiled = hart.engine.statistics?.().regionInsns ?? 0;
  assert.ok(compiled > 1_500_000, `only ${String(compiled)} instructions ran compiled`);
});

test.run();
