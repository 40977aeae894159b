/** RV32I and RV64I (unprivileged spec, chapters 2 and 5). */
import { FORMATS } from "./formats.js";
import type { InstructionTable } from "./instruction.js";
import { TRAP_CAUSE } from "../hart/trap-causes.js";

const { R, I, shift5, shift6, load, store, B, U, J, fence, bare } = FORMATS;

// prettier-ignore
export const RV64I = {
  lui:   { format: U, mask: 0x0000_007f, match: 0x0000_0037, execute: (o, { rd, imm }) => { o.setX(rd, imm); } },
  auipc: { format: U, mask: 0x0000_007f, match: 0x0000_0017, execute: (o, { rd, imm }) => { o.setX(rd, o.add(o.pc(), imm)); } },

  jal: { format: J, mask: 0x0000_007f, match: 0x0000_006f, execute: (o, { rd, imm }) => {
    o.setX(rd, o.nextPc());
    o.jumpBy(imm);
  } },
  jalr: { format: load, mask: 0x0000_707f, match: 0x0000_0067, execute: (o, { rd, rs1, imm }) => {
    // The target is computed first, because rd may be rs1.
    const target = o.bind(o.and(o.add(o.x(rs1), imm), o.i64(-2n)));
    o.setX(rd, o.nextPc());
    o.jumpTo(target);
  } },

  beq:  { format: B, mask: 0x0000_707f, match: 0x0000_0063, execute: (o, { rs1, rs2, imm }) => { o.branchBy(o.eq(o.x(rs1), o.x(rs2)), imm); } },
  bne:  { format: B, mask: 0x0000_707f, match: 0x0000_1063, execute: (o, { rs1, rs2, imm }) => { o.branchBy(o.ne(o.x(rs1), o.x(rs2)), imm); } },
  blt:  { format: B, mask: 0x0000_707f, match: 0x0000_4063, execute: (o, { rs1, rs2, imm }) => { o.branchBy(o.ltS(o.x(rs1), o.x(rs2)), imm); } },
  bge:  { format: B, mask: 0x0000_707f, match: 0x0000_5063, execute: (o, { rs1, rs2, imm }) => { o.branchBy(o.geS(o.x(rs1), o.x(rs2)), imm); } },
  bltu: { format: B, mask: 0x0000_707f, match: 0x0000_6063, execute: (o, { rs1, rs2, imm }) => { o.branchBy(o.ltU(o.x(rs1), o.x(rs2)), imm); } },
  bgeu: { format: B, mask: 0x0000_707f, match: 0x0000_7063, execute: (o, { rs1, rs2, imm }) => { o.branchBy(o.geU(o.x(rs1), o.x(rs2)), imm); } },

  lb:  { format: load, mask: 0x0000_707f, match: 0x0000_0003, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.signExtend(o.load(1, o.add(o.x(rs1), imm)), 8)); } },
  lh:  { format: load, mask: 0x0000_707f, match: 0x0000_1003, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.signExtend(o.load(2, o.add(o.x(rs1), imm)), 16)); } },
  lw:  { format: load, mask: 0x0000_707f, match: 0x0000_2003, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.signExtend(o.load(4, o.add(o.x(rs1), imm)), 32)); } },
  ld:  { format: load, mask: 0x0000_707f, match: 0x0000_3003, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.load(8, o.add(o.x(rs1), imm))); } },
  lbu: { format: load, mask: 0x0000_707f, match: 0x0000_4003, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.load(1, o.add(o.x(rs1), imm))); } },
  lhu: { format: load, mask: 0x0000_707f, match: 0x0000_5003, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.load(2, o.add(o.x(rs1), imm))); } },
  lwu: { format: load, mask: 0x0000_707f, match: 0x0000_6003, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.load(4, o.add(o.x(rs1), imm))); } },

  sb: { format: store, mask: 0x0000_707f, match: 0x0000_0023, execute: (o, { rs1, rs2, imm }) => { o.store(1, o.add(o.x(rs1), imm), o.x(rs2)); } },
  sh: { format: store, mask: 0x0000_707f, match: 0x0000_1023, execute: (o, { rs1, rs2, imm }) => { o.store(2, o.add(o.x(rs1), imm), o.x(rs2)); } },
  sw: { format: store, mask: 0x0000_707f, match: 0x0000_2023, execute: (o, { rs1, rs2, imm }) => { o.store(4, o.add(o.x(rs1), imm), o.x(rs2)); } },
  sd: { format: store, mask: 0x0000_707f, match: 0x0000_3023, execute: (o, { rs1, rs2, imm }) => { o.store(8, o.add(o.x(rs1), imm), o.x(rs2)); } },

  addi:  { format: I, mask: 0x0000_707f, match: 0x0000_0013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.add(o.x(rs1), imm)); } },
  slti:  { format: I, mask: 0x0000_707f, match: 0x0000_2013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.bit(o.ltS(o.x(rs1), imm))); } },
  sltiu: { format: I, mask: 0x0000_707f, match: 0x0000_3013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.bit(o.ltU(o.x(rs1), imm))); } },
  xori:  { format: I, mask: 0x0000_707f, match: 0x0000_4013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.xor(o.x(rs1), imm)); } },
  ori:   { format: I, mask: 0x0000_707f, match: 0x0000_6013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.or(o.x(rs1), imm)); } },
  andi:  { format: I, mask: 0x0000_707f, match: 0x0000_7013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.and(o.x(rs1), imm)); } },
  slli:  { format: shift6, mask: 0xfc00_707f, match: 0x0000_1013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.shl(o.x(rs1), imm)); } },
  srli:  { format: shift6, mask: 0xfc00_707f, match: 0x0000_5013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.shrU(o.x(rs1), imm)); } },
  srai:  { format: shift6, mask: 0xfc00_707f, match: 0x4000_5013, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.shrS(o.x(rs1), imm)); } },

  add:  { format: R, mask: 0xfe00_707f, match: 0x0000_0033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.add(o.x(rs1), o.x(rs2))); } },
  sub:  { format: R, mask: 0xfe00_707f, match: 0x4000_0033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.sub(o.x(rs1), o.x(rs2))); } },
  sll:  { format: R, mask: 0xfe00_707f, match: 0x0000_1033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.shl(o.x(rs1), o.x(rs2))); } },
  slt:  { format: R, mask: 0xfe00_707f, match: 0x0000_2033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.bit(o.ltS(o.x(rs1), o.x(rs2)))); } },
  sltu: { format: R, mask: 0xfe00_707f, match: 0x0000_3033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.bit(o.ltU(o.x(rs1), o.x(rs2)))); } },
  xor:  { format: R, mask: 0xfe00_707f, match: 0x0000_4033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.xor(o.x(rs1), o.x(rs2))); } },
  srl:  { format: R, mask: 0xfe00_707f, match: 0x0000_5033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.shrU(o.x(rs1), o.x(rs2))); } },
  sra:  { format: R, mask: 0xfe00_707f, match: 0x4000_5033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.shrS(o.x(rs1), o.x(rs2))); } },
  or:   { format: R, mask: 0xfe00_707f, match: 0x0000_6033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.or(o.x(rs1), o.x(rs2))); } },
  and:  { format: R, mask: 0xfe00_707f, match: 0x0000_7033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.and(o.x(rs1), o.x(rs2))); } },

  addiw: { format: I, mask: 0x0000_707f, match: 0x0000_001b, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.signExtend(o.add(o.x(rs1), imm), 32)); } },
  slliw: { format: shift5, mask: 0xfe00_707f, match: 0x0000_101b, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.signExtend(o.shl(o.x(rs1), imm), 32)); } },
  srliw: { format: shift5, mask: 0xfe00_707f, match: 0x0000_501b, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.signExtend(o.shrU(o.zeroExtend(o.x(rs1), 32), imm), 32)); } },
  sraiw: { format: shift5, mask: 0xfe00_707f, match: 0x4000_501b, execute: (o, { rd, rs1, imm }) => { o.setX(rd, o.shrS(o.signExtend(o.x(rs1), 32), imm)); } },
  addw:  { format: R, mask: 0xfe00_707f, match: 0x0000_003b, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.signExtend(o.add(o.x(rs1), o.x(rs2)), 32)); } },
  subw:  { format: R, mask: 0xfe00_707f, match: 0x4000_003b, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.signExtend(o.sub(o.x(rs1), o.x(rs2)), 32)); } },
  sllw:  { format: R, mask: 0xfe00_707f, match: 0x0000_103b, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.signExtend(o.shl(o.x(rs1), o.and(o.x(rs2), o.i64(31n))), 32)); } },
  srlw:  { format: R, mask: 0xfe00_707f, match: 0x0000_503b, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.signExtend(o.shrU(o.zeroExtend(o.x(rs1), 32), o.and(o.x(rs2), o.i64(31n))), 32)); } },
  sraw:  { format: R, mask: 0xfe00_707f, match: 0x4000_503b, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.shrS(o.signExtend(o.x(rs1), 32), o.and(o.x(rs2), o.i64(31n)))); } },

  // One hart sees its own accesses in order, and code is coherent with stores, so both fences do nothing.
  fence:     { format: fence, mask: 0x0000_707f, match: 0x0000_000f, execute: () => undefined },
  "fence.i": { format: bare, mask: 0x0000_707f, match: 0x0000_100f, execute: () => undefined },

  // 8, 9 and 11: environment call from U, S and M mode.
  ecall:  { format: bare, mask: 0xffff_ffff, match: 0x0000_0073, execute: (o) => {
    o.trap(o.add(o.i64(TRAP_CAUSE.ecallFromU), o.field("privilege")), o.i64(0n));
  } },
  // xtval may be 0 or the pc (privileged spec, §3.1.16); QEMU 7.2 says 0.
  ebreak: { format: bare, mask: 0xffff_ffff, match: 0x0010_0073, execute: (o) => { o.trap(o.i64(TRAP_CAUSE.breakpoint), o.i64(0n)); } },
} as const satisfies InstructionTable;
