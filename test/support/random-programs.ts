/**
 * Random programs for a bare hart, from a seed: instructions of every kind over code that writes itself, page tables,
 * PMP regions, aliases and a device, with handlers that always find a way on.
 */
import { RAM_BASE } from "../../src/machine/engine/layout.js";
import type { HartField } from "../../src/machine/hart/fields.js";
import { decode } from "../../src/machine/isa/decode.js";
import { FORMATS } from "../../src/machine/isa/formats.js";
import { INSTRUCTIONS, type NumberedInstruction } from "../../src/machine/isa/instruction-set.js";
import { DOUBLE, randomBits, SINGLE, specialValues } from "../machine/float/seeded-operands.js";
import { type Random } from "./seeded-random.js";
import { Program } from "./assemble.js";
import { encode } from "./encode.js";
import { DEVICE, type BareHart } from "./engines.js";

export const PAGE = 0x1000n;
const BASE = BigInt(RAM_BASE);
const page = (index: number): bigint => BASE + BigInt(index) * PAGE;

/** Three pages of code, then the handlers of M and S, the page tables, and seven pages of data. */
export const CODE_PAGES = 3;
export const CODE_START = page(1);
const M_HANDLER = page(4);
const S_HANDLER = page(5);
const ROOT = page(6);
const MIDDLE = page(7);
export const LEAVES = page(8);
const DATA_START = page(9);

export interface RandomProgram {
  readonly memory: readonly (readonly [address: bigint, bytes: Uint8Array])[];
  readonly x: readonly bigint[];
  readonly f: readonly bigint[];
  readonly fields: Readonly<Partial<Record<HartField, bigint>>>;
}

export function load(hart: BareHart, { memory, x, f, fields }: RandomProgram): void {
  for (const [address, bytes] of memory) hart.place(address, bytes);
  x.forEach((value, index) => hart.setX(index, value));
  f.forEach((value, index) => hart.setF(index, value));
  for (const [name, value] of Object.entries(fields)) hart.set(name as HartField, value);
}

/** Instructions to draw programs from: making one anew for each place would cost more than running it. */
export const randomPool = (random: Random): readonly Uint8Array[] =>
  Array.from({ length: 8192 }, () => randomInstruction(random));

/** `acknowledge`: what the handler of M does about a device, with the registers `SCRATCH`. */
export function randomProgram(
  random: Random,
  pool: readonly Uint8Array[],
  acknowledge: (handler: Program) => Program = (same) => same,
): RandomProgram {
  const satp = (8n << 60n) | (BigInt(random(3)) << 44n) | (ROOT / PAGE);
  const x = Array.from({ length: 32 }, () => randomInteger(random));
  POINTERS.forEach((register) => (x[register] = randomPointer(random)));
  x[SATP_REGISTER] = satp;
  const code = new Uint8Array(CODE_PAGES * Number(PAGE));
  for (let at = 0; at < code.length;) {
    const piece = oneOf(random, pool);
    code.set(piece.subarray(0, code.length - at), at);
    at += piece.length;
  }
  return {
    memory: [
      [CODE_START, code],
      [
        M_HANDLER,
        handler(random, {
          ...{ scratch: 0x340, epc: 0x341, status: 0x300, previous: [11, 3n], leave: "mret" },
          acknowledge,
        }),
      ],
      [S_HANDLER, handler(random, { scratch: 0x140, epc: 0x141, status: 0x100, previous: [8, 1n], leave: "sret" })],
      [ROOT, pageTable(rootEntries(random))],
      [MIDDLE, pageTable(middleEntries(random))],
      [LEAVES, pageTable(leafEntries(random))],
      [DATA_START, randomData(random)],
    ],
    x,
    f: Array.from({ length: 32 }, () => randomFloat(random)),
    fields: {
      pc: CODE_START,
      privilege: [3n, 3n, 1n, 0n][random(4)] ?? 3n,
      mstatus: randomBits(random, 64) & 0x7e_79aan & ~0x1000n,
      mie: randomBits(random, 64) & 0xaaan,
      // An exception in fetching stays with M: the handler of S may be out of S's reach.
      medeleg: random(2) === 0 ? 0n : randomBits(random, 64) & 0xa3fdn,
      mideleg: randomBits(random, 64) & 0x222n,
      mtvec: M_HANDLER,
      stvec: S_HANDLER,
      mcounteren: randomBits(random, 3),
      scounteren: randomBits(random, 3),
      frm: BigInt(random(8)),
      satp: random(3) === 0 ? 0n : satp,
      ...randomPmp(random),
    },
  };
}

const randomData = (random: Random): Uint8Array =>
  new Uint8Array(Uint32Array.from({ length: (7 * Number(PAGE)) / 4 }, () => random(2 ** 32)).buffer);

const SATP_REGISTER = 29;
export const POINTERS = [8, 9, 10, 11, 12, 13, 14, 15];

const oneOf = <T>(random: Random, values: readonly T[]): T => values[random(values.length)] as T;

const INTERESTING = [0n, 1n, 2n, -1n, -2n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 1n << 63n, (1n << 63n) - 1n, 64n];

const randomInteger = (random: Random): bigint =>
  BigInt.asUintN(64, random(2) === 0 ? oneOf(random, INTERESTING) : randomBits(random, 64) >> BigInt(random(64)));

const SPECIAL_DOUBLES = specialValues(DOUBLE);
const SPECIAL_SINGLES = specialValues(SINGLE);
const NAN_BOX = 0xffff_ffffn << 32n;

function randomFloat(random: Random): bigint {
  switch (random(4)) {
    case 0:
      return randomBits(random, 64);
    case 1:
      return oneOf(random, SPECIAL_DOUBLES);
    case 2:
      return NAN_BOX | oneOf(random, SPECIAL_SINGLES);
    default:
      return NAN_BOX | randomBits(random, 32);
  }
}

/**
 * Mostly data; also code, page tables, the device, the end of a page, aliases by way of the page tables, and nothing.
 */
function randomPointer(random: Random): bigint {
  const inPage = (): bigint => BigInt(random(16) === 0 ? 0xff0 + random(16) : random(0x1000) & ~7);
  switch (random(12)) {
    case 0:
      return CODE_START + BigInt(random(CODE_PAGES * Number(PAGE)) & ~3);
    case 1:
      return DEVICE + BigInt(random(4) * 8);
    case 2:
      return LEAVES + BigInt(random(32) * 8);
    case 3:
      return page(16 + random(16)) + inPage();
    case 4:
      return page(512 + random(16)) + inPage();
    case 5:
      return page(0x4_0000 + random(16)) + inPage();
    case 6:
      return oneOf(random, [0n, page(64) - 4n, page(63), -8n, 1n << 38n, ROOT + 16n, MIDDLE]);
    default:
      return page(9 + random(7)) + inPage();
  }
}

const V = 1n;
const ALL_BUT_U = 0xcfn;

/** Most leaves allow most; some lack a bit, and A and D are there or not. */
function leaf(random: Random, physical: bigint): bigint {
  let flags = ALL_BUT_U | (random(2) === 0 ? 0x10n : 0n);
  if (random(3) === 0) flags &= ~(1n << BigInt(random(8)));
  if (random(3) === 0) flags &= ~0xc0n;
  return ((physical / PAGE) << 10n) | flags;
}

const branch = (physical: bigint): bigint => ((physical / PAGE) << 10n) | V;

type Entries = readonly (readonly [index: number, entry: bigint])[];

const rootEntries = (random: Random): Entries => [
  [0, leaf(random, 0n)],
  [2, branch(MIDDLE)],
  [3, leaf(random, random(8) === 0 ? page(1) : BASE)],
  [511, branch(MIDDLE)],
];

const middleEntries = (random: Random): Entries => [
  [0, branch(LEAVES)],
  [1, leaf(random, random(8) === 0 ? page(3) : BASE)],
];

const leafEntries = (random: Random): Entries =>
  Array.from({ length: 48 }, (_, index) => {
    if (index === 4 || index === 5) return [index, ((page(index) / PAGE) << 10n) | ALL_BUT_U];
    const target = index < 16 ? index : random(16);
    return [index, index >= 16 && random(8) === 0 ? randomBits(random, 64) : leaf(random, page(target))];
  });

function pageTable(entries: Entries): Uint8Array {
  const bytes = new Uint8Array(Number(PAGE));
  const view = new DataView(bytes.buffer);
  for (const [index, entry] of entries) view.setBigUint64(index * 8, entry, true);
  return bytes;
}

/** The last entry opens all; some programs have small regions before it, in code or data. */
function randomPmp(random: Random): Partial<Record<HartField, bigint>> {
  const fields: Partial<Record<HartField, bigint>> = { pmpaddr15: (1n << 54n) - 1n, pmpcfg2: 0x1fn << 56n };
  if (random(2) === 0) return fields;
  let configs = 0n;
  for (const index of [0, 1, 2, 3] as const) {
    const start = page(oneOf(random, [1, 2, 9, 10, 11])) + BigInt(random(0x400) * 4);
    const size = 1n << BigInt(random(9));
    fields[`pmpaddr${index}`] = random(2) === 0 ? start >> 2n : ((start >> 2n) & ~(size - 1n)) | (size / 2n - 1n);
    const lock = random(16) === 0 ? 0x80n : 0n;
    configs |= (lock | (BigInt(random(4)) << 3n) | BigInt(random(8))) << BigInt(8 * index);
  }
  return { ...fields, pmpcfg0: configs };
}

interface HandlerCsrs {
  readonly scratch: number;
  readonly epc: number;
  readonly status: number;
  readonly previous: readonly [shift: number, mask: bigint];
  readonly leave: string;
  readonly acknowledge?: (handler: Program) => Program;
}

/** The registers that the handlers use. */
export const SCRATCH = [30, 31] as const;

/** Counts in xscratch, and goes on at a place and with a privilege that follow from the count. */
function handler(
  random: Random,
  { scratch, epc, status, previous, leave, acknowledge = (same) => same }: HandlerCsrs,
): Uint8Array {
  const [shift, mask] = previous;
  const [a, b] = SCRATCH;
  const stride = 2 * random(400) + 2;
  const program = acknowledge(new Program())
    .i("csrr", { rd: a, imm: scratch })
    .i("addi", { rd: a, rs1: a, imm: stride })
    .i("csrrw", { rs1: a, imm: scratch })
    .i("srli", { rd: b, rs1: a, imm: 4 })
    .i("andi", { rd: b, rs1: b, imm: Number(mask) })
    .i("slli", { rd: b, rs1: b, imm: shift })
    .i("csrrs", { rs1: b, imm: status })
    .li(b, mask << BigInt(shift))
    .i("andi", { rd: a, rs1: a, imm: 8 })
    .i("beq", { rs1: a, rs2: 0, imm: "kept" })
    .i("csrrc", { rs1: b, imm: status })
    .label("kept")
    .i("csrr", { rd: a, imm: scratch })
    .li(b, 0x1ffen)
    .i("and", { rd: a, rs1: a, rs2: b })
    .li(b, CODE_START)
    .i("add", { rd: a, rs1: a, rs2: b })
    .i("csrrw", { rs1: a, imm: epc });
  program.li(oneOf(random, POINTERS), randomPointer(random)).li(oneOf(random, POINTERS), randomPointer(random));
  return program.i(leave).bytes();
}

const IS_MEMORY = new Set<unknown>([FORMATS.load, FORMATS.store, FORMATS.fLoad, FORMATS.fStore]);
const IS_ATOMIC = new Set<unknown>([FORMATS.lr, FORMATS.amo]);
const SYSTEM = new Set(["ecall", "ebreak", "mret", "sret", "wfi", "sfence.vma", "fence", "fence.i"]);

const kindOf = ({ name, format }: NumberedInstruction): string => {
  if (SYSTEM.has(name)) return "system";
  if (name.startsWith("csrr")) return "csr";
  if (name === "jalr" || format === FORMATS.B || format === FORMATS.J) return "jump";
  if (IS_MEMORY.has(format)) return "memory";
  if (IS_ATOMIC.has(format)) return "atomic";
  return name.startsWith("f") ? "float" : "integer";
};

const OF_KIND = new Map<string, NumberedInstruction[]>();
for (const instruction of INSTRUCTIONS) {
  const kind = kindOf(instruction);
  OF_KIND.set(kind, [...(OF_KIND.get(kind) ?? []), instruction]);
}

// prettier-ignore
const MIX = [
  ...new Array<string>(24).fill("integer"), ...new Array<string>(20).fill("memory"), ...new Array<string>(12).fill("float"),
  ...new Array<string>(8).fill("atomic"), ...new Array<string>(8).fill("jump"), ...new Array<string>(12).fill("compressed"),
  ...new Array<string>(6).fill("csr"), "system", "system", "word",
];

/** Without xtvec and medeleg, so that traps still arrive, and with satp by its own register. */
const WRITTEN_CSRS = [
  0x001, 0x002, 0x003, 0x100, 0x104, 0x140, 0x142, 0x144, 0x300, 0x303, 0x304, 0x306, 0x106, 0x340, 0x342, 0x344, 0xb00,
  0xb02, 0x3a0, 0x3b0, 0x3b1, 0x3b2, 0xc00, 0xc01, 0xc02, 0xc80, 0x7a0, 0x301,
];

function randomInstruction(random: Random): Uint8Array {
  const kind = oneOf(random, MIX);
  if (kind === "word") return new Program().word(random(2 ** 32)).bytes();
  if (kind === "compressed") return new Program().half(randomCompressed(random)).bytes();
  const { name, format } = oneOf(random, OF_KIND.get(kind) ?? []);
  const registers = { rs1: random(32), rs2: random(32), rs3: random(32), rm: random(8) };
  // The pointers mostly last, and no instruction but the handlers' writes the SATP register.
  const rd = random(12) === 0 ? oneOf(random, POINTERS) : random(8) + (random(3) === 0 ? 0 : 16);
  const pointer = { ...registers, rd, rs1: oneOf(random, POINTERS) };
  const word = ((): number => {
    switch (kind) {
      case "memory":
        return encode(name, { ...pointer, imm: random(4) === 0 ? random(4096) - 2048 : (random(16) - 8) * 8 });
      case "atomic":
        return encode(name, pointer);
      case "jump":
        if (name === "jalr") return encode(name, { ...pointer, imm: random(64) * 2 });
        return encode(name, { ...registers, rd, imm: (random(64) - 24) * (random(4) === 0 ? 2 : 4) });
      case "csr":
        if (random(8) === 0) return encode("csrrw", { rd, rs1: random(2) === 0 ? 0 : SATP_REGISTER, imm: 0x180 });
        return encode(name, { ...registers, rd, imm: oneOf(random, WRITTEN_CSRS) });
      case "integer":
        return encode(name, {
          ...registers,
          rd,
          imm: format === FORMATS.U ? random(2 ** 20) << 12 : random(4096) - 2048,
        });
      default:
        return encode(name, { ...registers, rd });
    }
  })();
  return new Program().word(word).bytes();
}

function randomCompressed(random: Random): number {
  for (;;) {
    const raw = random(0x1_0000);
    if ((raw & 3) !== 3 && decode(raw) !== undefined) return raw;
  }
}
