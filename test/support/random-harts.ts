/**
 * Random programs for several harts, from a seed: those of `random-programs.ts` over one memory, and what harts do to
 * each other: interrupts, atomics, waiting, code and page tables that another hart uses.
 */
import type { MachineState } from "../../src/machine/state.js";
import type { MachineEvent } from "../../src/reducers/events.js";
import { initialPlatform } from "../../src/reducers/platform.js";
import * as schedule from "../../src/reducers/schedule.js";
import { MEMORY_MAP } from "../../src/machine/memory-map.js";
import { stateOf } from "../machine/hostile/hostile-guest.js";
import { Program } from "./assemble.js";
import {
  CODE_PAGES,
  CODE_START,
  LEAVES,
  PAGE,
  POINTERS,
  randomPool,
  randomProgram,
  SCRATCH,
} from "./random-programs.js";
import { oneOf, type Random } from "./seeded-random.js";

const CLINT = BigInt(MEMORY_MAP.clint.base);
const MTIMECMP = CLINT + 0x4000n;
const MOST_HARTS = 4;
const CSR = { time: 0xc01, mhartid: 0xf14, satp: 0x180 } as const;
const SATP_VALUE = 29;

/** Instructions, and pieces of program that only several harts make sense of. */
export function randomHartsPool(random: Random): readonly Uint8Array[] {
  const alone = randomPool(random);
  const together = Array.from({ length: alone.length / 4 }, () => oneOf(random, PIECES)(random, alone).bytes());
  return [...alone, ...together];
}

/** 2 to 4 harts at their first instructions. Each has its own registers, and all have one memory. */
export function randomHarts(random: Random, pool: readonly Uint8Array[]): MachineState {
  const count = 2 + random(MOST_HARTS - 1);
  const programs = Array.from({ length: count }, () => randomProgram(random, pool, acknowledge));
  const [first] = programs;
  if (first === undefined) throw new Error("there is no hart");
  const alone = stateOf({ memory: first.memory });
  const config = { ...alone.config, harts: count };
  const harts = programs.map(({ x, f, fields }) => {
    const [bare] = alone.harts;
    if (bare === undefined) throw new Error("there is no hart");
    // Each begins at another place.
    const pc = CODE_START + BigInt(random((CODE_PAGES * Number(PAGE)) / 4) * 4);
    const wakes = BigInt(random(8) === 0 ? 0 : 0x88);
    return {
      x: x.map((value, index) => (index === 0 ? 0n : value)),
      f,
      fields: { ...bare.fields, ...fields, pc, mie: (fields.mie ?? 0n) | wakes },
    };
  });
  return { ...alone, config, harts, schedule: schedule.initialState(count), platform: initialPlatform(config) };
}

/** A deviation from the plain schedule or clock, for any position. */
export function randomDeviation(random: Random, harts: number): MachineEvent {
  switch (random(8)) {
    case 0:
      return { type: "schedule/turnProlonged", byInsns: random(2 ** (1 + random(16))) };
    case 1:
      return { type: "schedule/hartPrioritized", hart: random(harts), priority: random(2) };
    case 2:
      return { type: "clock/skewed", byNs: BigInt(random(2 ** (1 + random(20)))) };
    default:
      return { type: "schedule/turnEnded" };
  }
}

/** The hart's own software interrupt and timer, so that neither comes for ever. */
function acknowledge(handler: Program): Program {
  const [a, b] = SCRATCH;
  return handler
    .i("csrr", { rd: a, imm: CSR.mhartid })
    .i("slli", { rd: a, rs1: a, imm: 2 })
    .li(b, CLINT)
    .i("add", { rd: b, rs1: b, rs2: a })
    .i("sw", { rs1: b, rs2: 0 })
    .i("add", { rd: b, rs1: b, rs2: a })
    .i("lui", { rd: a, imm: Number(MTIMECMP - CLINT) })
    .i("add", { rd: b, rs1: b, rs2: a })
    .i("addi", { rd: a, rs1: 0, imm: -1 })
    .i("sd", { rs1: b, rs2: a });
}

type Piece = (random: Random, alone: readonly Uint8Array[]) => Program;

const [T0, T1, T2] = [5, 6, 7];
const pointer = (random: Random): number => oneOf(random, POINTERS);
const codePlace = (random: Random): bigint => CODE_START + BigInt(random((CODE_PAGES * Number(PAGE)) / 2) * 2);

const PIECES: readonly Piece[] = [
  function interruptHart(random) {
    const msip = CLINT + 4n * BigInt(random(MOST_HARTS));
    return new Program()
      .li(T0, msip)
      .li(T1, random(8) === 0 ? 0n : 1n)
      .i("sw", { rs1: T0, rs2: T1 });
  },
  function armTimer(random) {
    return new Program()
      .i("csrr", { rd: T0, imm: CSR.time })
      .i("addi", { rd: T0, rs1: T0, imm: random(40) })
      .li(T1, MTIMECMP + 8n * BigInt(random(MOST_HARTS)))
      .i("sd", { rs1: T1, rs2: T0 });
  },
  function incrementByReservation(random) {
    const [width, rs1] = [oneOf(random, ["w", "d"]), pointer(random)];
    return new Program()
      .label("again")
      .i(`lr.${width}`, { rd: T0, rs1 })
      .i("addi", { rd: T0, rs1: T0, imm: 1 })
      .i(`sc.${width}`, { rd: T1, rs1, rs2: T0 })
      .i("bne", { rs1: T1, rs2: 0, imm: "again" });
  },
  function holdReservation(random) {
    const [width, rs1] = [oneOf(random, ["w", "d"]), pointer(random)];
    const program = new Program().li(T2, BigInt(random(40) + 1)).i(`lr.${width}`, { rd: T0, rs1 });
    program.label("wait").i("addi", { rd: T2, rs1: T2, imm: -1 }).i("bne", { rs1: T2, rs2: 0, imm: "wait" });
    return program.i(`sc.${width}`, { rd: T1, rs1, rs2: T0 });
  },
  function spin(random) {
    const program = new Program().li(T2, BigInt(random(300) + 1)).label("spin");
    for (let index = random(4); index > 0; index -= 1) program.i("addi", { rd: T1, rs1: T1, imm: 1 });
    return program.i("pause").i("addi", { rd: T2, rs1: T2, imm: -1 }).i("bne", { rs1: T2, rs2: 0, imm: "spin" });
  },
  function awaitWord(random) {
    return new Program()
      .li(T2, BigInt(random(100) + 1))
      .label("poll")
      .i("lw", { rd: T0, rs1: pointer(random) })
      .i("bne", { rs1: T0, rs2: 0, imm: "out" })
      .i("pause")
      .i("addi", { rd: T2, rs1: T2, imm: -1 })
      .i("bne", { rs1: T2, rs2: 0, imm: "poll" })
      .label("out");
  },
  function takeTurns(random) {
    return new Program()
      .li(T0, CLINT + 4n * BigInt(random(MOST_HARTS)))
      .li(T1, 1n)
      .i("sw", { rs1: T0, rs2: T1 })
      .i("wfi");
  },
  function writeCode(random, alone) {
    const [word] = new Uint32Array(Uint8Array.from([...oneOf(random, alone), 1, 0, 1, 0]).slice(0, 4).buffer);
    const program = new Program()
      .li(T0, codePlace(random))
      .li(T1, BigInt(word ?? 0))
      .i(oneOf(random, ["sw", "sh", "amoswap.w"]), { rd: 0, rs1: T0, rs2: T1 });
    return random(2) === 0 ? program.i("fence.i") : program;
  },
  function callCode(random) {
    return new Program().li(T0, codePlace(random)).i("jalr", { rd: 1, rs1: T0 });
  },
  function changeTranslation(random) {
    const program = new Program()
      .li(T0, LEAVES + 8n * BigInt(random(48)))
      .li(T1, 1n << BigInt(random(12)))
      .i("amoxor.d", { rd: 0, rs1: T0, rs2: T1 });
    return random(2) === 0 ? program.i("sfence.vma") : program;
  },
  function switchAddressSpace(random) {
    const rs1 = random(3) === 0 ? 0 : SATP_VALUE;
    return new Program().i("csrrw", { rd: 0, rs1, imm: CSR.satp }).i("sfence.vma");
  },
  function partByHart(random) {
    return new Program()
      .i("csrr", { rd: T0, imm: CSR.mhartid })
      .i("andi", { rd: T0, rs1: T0, imm: 1 + random(2) })
      .i("beq", { rs1: T0, rs2: 0, imm: 4 * (2 + random(8)) });
  },
  function count(random) {
    return new Program().i("csrr", {
      rd: pointer(random) + 8,
      imm: oneOf(random, [0xb02, 0xb00, 0xc02, 0xc00, 0xc01]),
    });
  },
];
