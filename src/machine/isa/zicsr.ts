/** Zicsr (unprivileged spec, chapter 6). `hart/csr.ts` defines each CSR. */
import { readCsr, writeCsr } from "../hart/csr-access.js";
import { FORMATS } from "./formats.js";
import type { SystemInstructionTable, Operands, SystemSemantics } from "./instruction.js";
import type { Ops } from "../hart/ops.js";

const { csr, csrImm, csrRead } = FORMATS;

type Source = <V, C, R>(o: Ops<V, C, R>, i: Operands<V, R>) => V;
type Change = <V, C, R>(o: Ops<V, C, R>, source: V) => { readonly value: V; readonly mask: V };

const fromRegister: Source = (o, i) => o.x(i.rs1);
const fromImmediate: Source = (_o, i) => i.uimm;

const replace: Change = (o, source) => ({ value: source, mask: o.i64(-1n) });
const set: Change = (_o, source) => ({ value: source, mask: source });
const clear: Change = (o, source) => ({ value: o.i64(0n), mask: source });

const modify =
  (source: Source, change: Change): SystemSemantics =>
  (o, i) => {
    const operand = o.bind(source(o, i));
    const old = o.bind(o.invoke(readCsr, i.imm));
    const { value, mask } = change(o, operand);
    o.invoke(writeCsr, i.imm, value, mask);
    o.setX(i.rd, old);
  };

/** With x0 or an immediate of 0, csrrs and csrrc do not write, so they may read a read-only CSR. */
const readOnly: SystemSemantics = (o, i) => {
  o.setX(i.rd, o.invoke(readCsr, i.imm));
};

const WITH_RS1_ZERO = 0x000f_f07f;

// prettier-ignore
export const ZICSR = {
  "csrr":   { format: csrRead, mask: WITH_RS1_ZERO, match: 0x0000_2073, execute: readOnly },
  "csrr.c": { format: csrRead, mask: WITH_RS1_ZERO, match: 0x0000_3073, execute: readOnly },
  "csrr.si": { format: csrRead, mask: WITH_RS1_ZERO, match: 0x0000_6073, execute: readOnly },
  "csrr.ci": { format: csrRead, mask: WITH_RS1_ZERO, match: 0x0000_7073, execute: readOnly },
  csrrw:  { format: csr,    mask: 0x0000_707f, match: 0x0000_1073, execute: modify(fromRegister, replace) },
  csrrs:  { format: csr,    mask: 0x0000_707f, match: 0x0000_2073, execute: modify(fromRegister, set) },
  csrrc:  { format: csr,    mask: 0x0000_707f, match: 0x0000_3073, execute: modify(fromRegister, clear) },
  csrrwi: { format: csrImm, mask: 0x0000_707f, match: 0x0000_5073, execute: modify(fromImmediate, replace) },
  csrrsi: { format: csrImm, mask: 0x0000_707f, match: 0x0000_6073, execute: modify(fromImmediate, set) },
  csrrci: { format: csrImm, mask: 0x0000_707f, match: 0x0000_7073, execute: modify(fromImmediate, clear) },
} as const satisfies SystemInstructionTable;
