/**
 * Explains why harts got stuck. No state shows this, because the traps of a loop overwrite what the first trap left. It
 * derives from the harts' notes and is in no event: a recording says that a machine ended, and a replay from its start
 * finds the same explanation.
 */
import { hex, hexAddress } from "../reducers/hex.js";
import { CSRS } from "./hart/csr.js";
import { WAITING } from "./hart/fields.js";
import type { HartNotes } from "./hart/notes.js";
import type { HartRegisters } from "./hart/registers.js";
import { EXCEPTION_NAMES, INTERRUPT_BIT, TRAP_CAUSE } from "./hart/trap-causes.js";
import { decode } from "./isa/decode.js";
import { disassemble } from "./isa/disassemble.js";
import { foreignCsr, foreignInstruction } from "./isa/foreign-extensions.js";

export interface FirstTrap {
  readonly isInterrupt: boolean;
  /** As in xcause, without the interrupt bit. */
  readonly cause: bigint;
  /** The value of xtval. */
  readonly value: bigint;
  readonly pc: bigint;
  /** The privilege before the trap: 0 user, 1 supervisor, 3 machine. */
  readonly privilege: number;
  /** The extension of an illegal instruction, if it is one that this machine lacks. */
  readonly extension: string | undefined;
}

/** Why one hart is stuck. */
export interface HartDiagnosis {
  readonly hart: number;
  /** The first trap of a trap loop. */
  readonly firstTrap?: FirstTrap;
  /** Translation is off because the guest asked for a mode that this machine lacks. */
  readonly refusedTranslation?: { readonly mode: number; readonly pc: bigint };
}

export interface Diagnosis {
  /** Those of which there is something to say, in ascending order. */
  readonly harts: readonly HartDiagnosis[];
  /** The same in words. Of several harts, each is named. Empty: nothing to say. */
  readonly text: string;
}

type NotedHart = HartRegisters & HartNotes;

/** Explains the present moment. A hart has no notes of the time before its state was loaded. */
export function diagnose(harts: readonly NotedHart[]): Diagnosis {
  const stuck = harts.map((hart, number) => diagnoseHart(hart, number)).filter((one) => reasonsOf(one).length > 0);
  const text = stuck
    .map((one) => `${harts.length === 1 ? "" : `hart ${String(one.hart)}: `}${reasonsOf(one).join("; ")}`)
    .join("; ");
  return { harts: stuck, text };
}

function diagnoseHart(noted: NotedHart, hart: number): HartDiagnosis {
  const trap = noted.field("waiting") === WAITING.forTaken ? firstTrap(noted) : undefined;
  const refused = refusedTranslation(noted);
  return {
    hart,
    ...(trap === undefined ? {} : { firstTrap: trap }),
    ...(refused === undefined ? {} : { refusedTranslation: refused }),
  };
}

const reasonsOf = ({ firstTrap: trap, refusedTranslation: refused }: HartDiagnosis): readonly string[] => [
  ...(trap === undefined ? [] : [trapText(trap)]),
  ...(refused === undefined ? [] : [refusedText(refused)]),
];

function firstTrap(notes: HartNotes): FirstTrap | undefined {
  if (notes.note("trapPlace") === 0n) return undefined;
  const cause = notes.note("trapCause");
  const value = notes.note("trapValue");
  return {
    isInterrupt: (cause & INTERRUPT_BIT) !== 0n,
    cause: cause & ~INTERRUPT_BIT,
    value,
    pc: notes.note("trapPc"),
    privilege: Number(notes.note("trapPrivilege")),
    extension: cause === TRAP_CAUSE.illegalInstruction ? missing(Number(value))?.extension : undefined,
  };
}

function refusedTranslation(noted: NotedHart): HartDiagnosis["refusedTranslation"] {
  const refused = noted.note("refusedSatp");
  if (refused === 0n || noted.field("satp") >> SATP_MODE_SHIFT !== 0n) return undefined;
  return { mode: Number(refused >> SATP_MODE_SHIFT), pc: noted.note("refusedSatpPc") };
}

function trapText(trap: FirstTrap): string {
  const { isInterrupt, cause, value, pc, privilege } = trap;
  const name = isInterrupt ? "interrupt" : (EXCEPTION_NAMES.get(cause) ?? "exception");
  const where = `at pc ${hexAddress(pc)} in ${MODES[privilege] ?? "?"} mode`;
  const what = !isInterrupt && cause === TRAP_CAUSE.illegalInstruction ? `: ${illegalText(Number(value))}` : "";
  return `the first trap was ${name} (cause ${String(cause)}) ${where}, value ${hexAddress(value)}${what}`;
}

/** Shows the instruction's bytes in memory order. */
function illegalText(raw: number): string {
  const isShort = (raw & 3) !== 3;
  const bytes = Array.from({ length: isShort ? 2 : 4 }, (_, index) => hex((raw >>> (8 * index)) & 0xff, 2)).join(" ");
  const lacking = missing(raw);
  if (lacking !== undefined)
    return `the instruction ${bytes} is ${lacking.name} of ${lacking.extension}, which this machine lacks`;
  const csr = csrOf(raw);
  if (csr !== undefined) {
    const name = CSRS.get(csr)?.name;
    return name === undefined
      ? `the instruction ${bytes} is for CSR ${hexAddress(csr)}, which this machine lacks`
      : `the instruction ${bytes} is for the CSR ${name}, which can't be reached from there or not be written`;
  }
  if (decode(raw) !== undefined)
    return `the instruction ${bytes} is ${disassemble(raw | 0)}, which the mode or mstatus does not permit`;
  return raw === 0 ? "there are zeros and no code" : `the instruction ${bytes} is none that is known`;
}

/** The instruction or CSR that this machine does not have. */
function missing(raw: number): { readonly name: string; readonly extension: string } | undefined {
  const csr = csrOf(raw);
  if (csr !== undefined) {
    const foreign = CSRS.has(csr) ? undefined : foreignCsr(csr);
    return foreign === undefined ? undefined : { ...foreign, name: `for the CSR ${foreign.name}` };
  }
  return decode(raw) === undefined ? foreignInstruction(raw) : undefined;
}

/** The CSR's number, if it is a Zicsr instruction: SYSTEM with a funct3 that is neither 0 nor 4. */
function csrOf(raw: number): number | undefined {
  return (raw & 0x7f) === 0x73 && (raw & 0x3000) !== 0 ? raw >>> 20 : undefined;
}

const refusedText = ({ mode, pc }: NonNullable<HartDiagnosis["refusedTranslation"]>): string =>
  `translation is off: at pc ${hexAddress(pc)} satp was to get mode ${String(mode)}` +
  `${mode in SATP_MODES ? ` (${SATP_MODES[mode] ?? ""})` : ""}, and this machine has Sv39 alone, so satp kept its value`;

const SATP_MODE_SHIFT = 60n;
const SATP_MODES: Readonly<Record<number, string>> = { 9: "Sv48", 10: "Sv57", 11: "Sv64" };
const MODES: Readonly<Record<number, string>> = { 0: "U", 1: "S", 3: "M" };
