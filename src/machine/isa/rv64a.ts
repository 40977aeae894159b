/** A: LR/SC and AMOs (unprivileged spec, chapter 14). Harts run in turn, so an AMO is a load and a store. */
import { NO_RESERVATION } from "../hart/fields.js";
import { FORMATS } from "./formats.js";
import type { Instruction, InstructionTable, Semantics } from "./instruction.js";
import type { Ops } from "../hart/ops.js";
import { TRAP_CAUSE } from "../hart/trap-causes.js";

const { lr, amo } = FORMATS;

type AtomicWidth = 4 | 8;
type Combine = <V, C, R>(o: Ops<V, C, R>, memory: V, register: V) => V;

const extend = <V, C, R>(o: Ops<V, C, R>, width: AtomicWidth, value: V): V =>
  width === 8 ? value : o.signExtend(value, 32);

function requireAlignment<V, C, R>(o: Ops<V, C, R>, width: AtomicWidth, address: V, cause: bigint): void {
  o.when(o.ne(o.and(address, o.i64(BigInt(width - 1))), o.i64(0n)), () => {
    o.trap(o.i64(cause), address);
  });
}

const loadReserved =
  (width: AtomicWidth): Semantics =>
  (o, { rd, rs1 }) => {
    const address = o.bind(o.x(rs1));
    requireAlignment(o, width, address, TRAP_CAUSE.loadAddressMisaligned);
    const value = o.bind(o.load(width, address));
    o.setField("reservation", address);
    o.setField("reservedValue", value);
    o.setX(rd, extend(o, width, value));
  };

const storeConditional =
  (width: AtomicWidth): Semantics =>
  (o, { rd, rs1, rs2 }) => {
    const address = o.bind(o.x(rs1));
    const failed = o.variable(o.i64(1n));
    o.when(o.eq(o.field("reservation"), address), () => {
      requireAlignment(o, width, address, TRAP_CAUSE.storeAddressMisaligned);
      const current = o.bind(o.loadForStore(width, address));
      const reserved = o.field("reservedValue");
      o.when(o.eq(current, width === 8 ? reserved : o.zeroExtend(reserved, 32)), () => {
        o.store(width, address, o.x(rs2));
        failed.set(o.i64(0n));
      });
    });
    o.setField("reservation", o.i64(NO_RESERVATION));
    o.setX(rd, failed.get());
  };

const atomic =
  (width: AtomicWidth, combine: Combine): Semantics =>
  (o, { rd, rs1, rs2 }) => {
    const address = o.bind(o.x(rs1));
    requireAlignment(o, width, address, TRAP_CAUSE.storeAddressMisaligned);
    const memory = o.bind(extend(o, width, o.loadForStore(width, address)));
    const register = o.bind(extend(o, width, o.x(rs2)));
    o.store(width, address, combine(o, memory, register));
    o.setX(rd, memory);
  };

const COMBINATIONS: Readonly<Record<string, { readonly funct5: number; readonly combine: Combine }>> = {
  amoswap: { funct5: 0x01, combine: (_o, _memory, register) => register },
  amoadd: { funct5: 0x00, combine: (o, memory, register) => o.add(memory, register) },
  amoxor: { funct5: 0x04, combine: (o, memory, register) => o.xor(memory, register) },
  amoand: { funct5: 0x0c, combine: (o, memory, register) => o.and(memory, register) },
  amoor: { funct5: 0x08, combine: (o, memory, register) => o.or(memory, register) },
  amomin: { funct5: 0x10, combine: (o, a, b) => o.select(o.ltS(a, b), a, b) },
  amomax: { funct5: 0x14, combine: (o, a, b) => o.select(o.ltS(a, b), b, a) },
  // Sign extension keeps the unsigned order of 32-bit values.
  amominu: { funct5: 0x18, combine: (o, a, b) => o.select(o.ltU(a, b), a, b) },
  amomaxu: { funct5: 0x1c, combine: (o, a, b) => o.select(o.ltU(a, b), b, a) },
};

const encoding = (funct5: number, width: AtomicWidth): number =>
  ((funct5 << 27) | (width === 8 ? 0x3000 : 0x2000) | 0x2f) >>> 0;

function rows(width: AtomicWidth): [string, Instruction][] {
  const suffix = width === 8 ? "d" : "w";
  // aq and rl (bits 26 and 25) order accesses between harts. Here all accesses are in order already.
  const mask = 0xf800_707f;
  return [
    [`lr.${suffix}`, { format: lr, mask: 0xf9f0_707f, match: encoding(0x02, width), execute: loadReserved(width) }],
    [`sc.${suffix}`, { format: amo, mask, match: encoding(0x03, width), execute: storeConditional(width) }],
    ...Object.entries(COMBINATIONS).map(([name, { funct5, combine }]): [string, Instruction] => [
      `${name}.${suffix}`,
      { format: amo, mask, match: encoding(funct5, width), execute: atomic(width, combine) },
    ]),
  ];
}

export const RV64A: InstructionTable = Object.fromEntries([...rows(4), ...rows(8)]);
