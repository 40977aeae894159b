/**
 * Evaluates the semantics on plain values, one instruction at a time, and caches nothing between accesses. An
 * instruction that ends early throws an `InstructionLeft`, which stays within the engine.
 */
import { markFloatDirty, requireFloat, roundingMode } from "../hart/float-status.js";
import type { Bus } from "../engine/engine.js";
import type { RoundingMode } from "../float/float.js";
import { decode, isCompressed, type DecodedInstruction } from "../isa/decode.js";
import { evaluateFloat, floatOperationNumber, type FloatOperation } from "../float/operations.js";
import type { AccessKind, Width } from "../hart/ops.js";
import type { HartInput, Procedure, SystemOps } from "../hart/system-ops.js";
import { TRAP_CAUSE } from "../hart/trap-causes.js";
import { BigintArithmetic } from "../hart/bigint-arithmetic.js";
import { WAITING, type HartField, type PmpAddress } from "../hart/fields.js";
import { FAULTS, translate } from "../hart/mmu.js";
import { FS_DIRTY } from "../hart/mstatus.js";
import { takeTrap } from "../hart/trap.js";
import { writeCsr } from "../hart/csr-access.js";
import type { Operands } from "../isa/instruction.js";
import type { HartNote } from "../hart/notes.js";
import { halvesOf } from "../physical-address.js";
import type { PlainHart } from "./plain-hart.js";
import { addressesFrom, type PhysicalMemory } from "./physical-memory.js";

export class InstructionLeft extends Error {
  constructor(readonly isRetired: boolean) {
    super("an instruction was left");
  }
}

/** A trap was taken, or the instruction must start again. */
const NOT_RETIRED = new InstructionLeft(false);
/** The hart continues at the field `pc`. */
const RESUMED = new InstructionLeft(true);

/** The place of an access: the physical address of each byte, or a device's address. */
type Place = { readonly bytes: readonly bigint[] } | { readonly register: bigint };

const HALFWORD_BYTES = 2;
const DOUBLEWORD_BYTES = 8;
const PAGE_BYTES = 4096;

/** The parts that an evaluator works on. */
export interface EvaluatorParts {
  /** The one that executes. */
  readonly hart: PlainHart;
  readonly memory: PhysicalMemory;
  readonly bus: Bus;
  readonly input: (name: HartInput) => bigint;
  /** Whether the last access requires that its instruction starts again later. */
  readonly mustRestart: () => boolean;
  readonly pause: () => void;
  /** Absent: nobody probes. */
  readonly probes: EvaluatorProbes | undefined;
}

/** What an evaluator tells, before it does it. Addresses are physical. */
export interface EvaluatorProbes {
  stored(address: number, bytes: number, value: bigint): void;
  loaded(address: number, bytes: number): void;
  reached(address: number, raw: number): void;
  /** A walk of page tables marks an entry as used. */
  marking(address: number, bytes: number): void;
  trapped(cause: bigint, trapValue: bigint): void;
  csrWritten(csr: number, value: bigint, mask: bigint): void;
}

export class Evaluator extends BigintArithmetic implements SystemOps<bigint, boolean, number> {
  /** The encoding of the present instruction, for an illegal one's trap value. */
  protected raw = 0;
  private bytes: 2 | 4 = 4;
  private successor = 0n;

  constructor(private readonly parts: EvaluatorParts) {
    super();
  }

  /** Executes the instruction at `pc`, and advances `pc`. @throws {InstructionLeft} */
  step(): void {
    const place = this.fetchPlace(this.pc());
    const low = this.halfword(place);
    const high = isCompressed(low) ? 0 : this.halfword(this.fetchPlace(this.add(this.pc(), BigInt(HALFWORD_BYTES))));
    this.raw = ((high << 16) | low) >>> 0;
    this.parts.probes?.reached(Number(place), this.raw);
    this.leaveIfRestarted();
    const decoded = decode(this.raw);
    if (decoded === undefined) this.illegal();
    this.bytes = decoded.bytes;
    this.successor = this.nextPc();
    decoded.instruction.execute(this, this.operands(decoded));
    this.setField("pc", this.successor);
  }

  invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly bigint[]): bigint {
    const { probes } = this.parts;
    if (probes !== undefined) tellProcedure(probes, procedure, inputs);
    return procedure.body<bigint, boolean, number>(this, ...inputs);
  }

  x(register: number): bigint {
    return this.parts.hart.x(register);
  }

  setX(register: number, value: bigint): void {
    this.parts.hart.setX(register, value);
  }

  f(register: number): bigint {
    return this.parts.hart.f(register);
  }

  setF(register: number, value: bigint): void {
    this.parts.hart.setF(register, value);
  }

  field(name: HartField): bigint {
    return this.parts.hart.field(name);
  }

  setField(name: HartField, value: bigint): void {
    this.parts.hart.setField(name, value);
  }

  pmpAddress(index: bigint): bigint {
    return this.field(`pmpaddr${String(index)}` as PmpAddress);
  }

  input(name: HartInput): bigint {
    return this.parts.input(name);
  }

  note(name: HartNote): bigint {
    return this.parts.hart.note(name);
  }

  setNote(name: HartNote, value: bigint): void {
    this.parts.hart.setNote(name, value);
  }

  load(width: Width, address: bigint): bigint {
    return this.read("load", width, address);
  }

  loadForStore(width: Width, address: bigint): bigint {
    return this.read("store", width, address);
  }

  store(width: Width, address: bigint, value: bigint): void {
    const place = this.locate("store", width, address);
    if ("register" in place) {
      const answered = this.parts.bus.store(...halvesOf(place.register), width, BigInt.asUintN(width * 8, value));
      if (!answered) this.trap(FAULTS.store.access, address);
      this.leaveIfRestarted();
      return;
    }
    this.storeTo(place.bytes, value);
  }

  isRam(address: bigint, bytes: number): boolean {
    return this.parts.memory.isRam(address, bytes);
  }

  physicalLoad(address: bigint): bigint {
    return this.parts.memory.load(addressesFrom(address, DOUBLEWORD_BYTES));
  }

  physicalStore(address: bigint, value: bigint): void {
    this.storeTo(addressesFrom(address, DOUBLEWORD_BYTES), value, () => {
      this.parts.probes?.marking(Number(address), DOUBLEWORD_BYTES);
    });
  }

  requireFloat(): void {
    requireFloat(this);
  }

  floatWritten(): void {
    markFloatDirty(this);
  }

  roundingMode(rm: bigint): bigint {
    return roundingMode(this, rm);
  }

  float(operation: FloatOperation, rm: bigint, ...inputs: readonly bigint[]): bigint {
    const [a = 0n, b = 0n, c = 0n] = inputs;
    const { bits, flags } = evaluateFloat(floatOperationNumber(operation), Number(rm) as RoundingMode, a, b, c);
    if (flags !== 0) {
      this.setField("fflags", this.field("fflags") | BigInt(flags));
      this.setField("mstatus", this.field("mstatus") | FS_DIRTY);
    }
    return this.i64(bits);
  }

  pc(): bigint {
    return this.field("pc");
  }

  nextPc(): bigint {
    return this.add(this.pc(), BigInt(this.bytes));
  }

  jumpTo(target: bigint): void {
    this.successor = target;
  }

  jumpBy(displacement: bigint): void {
    this.successor = this.add(this.pc(), displacement);
  }

  branchBy(condition: boolean, displacement: bigint): void {
    if (condition) this.jumpBy(displacement);
  }

  trap(cause: bigint, trapValue: bigint): never {
    this.invoke(takeTrap, cause, trapValue);
    throw NOT_RETIRED;
  }

  illegal(): never {
    this.trap(TRAP_CAUSE.illegalInstruction, BigInt(this.raw));
  }

  resume(): never {
    throw RESUMED;
  }

  waitForInterrupt(): void {
    this.setField("waiting", WAITING.forPending);
    this.pause();
  }

  pause(): void {
    this.parts.pause();
  }

  // Nothing derives from page tables, so there is nothing to void.
  notePageTable(): void {}
  contextChanged(): void {}
  translationsChanged(): void {}

  private operands({ rd, rs1, rs2, rs3, imm, raw }: DecodedInstruction): Operands<bigint, number> {
    return {
      rd,
      rs1,
      rs2,
      rs3,
      imm: this.i64(BigInt(imm)),
      uimm: BigInt((raw >>> 15) & 0x1f),
      rm: BigInt((raw >>> 12) & 7),
    };
  }

  /** Where a halfword of an instruction lies. Devices hold no instructions. */
  private fetchPlace(address: bigint): bigint {
    const physical = this.translated("fetch", address, HALFWORD_BYTES);
    if (!this.parts.memory.isMemory(physical)) this.trap(FAULTS.fetch.access, address);
    return physical;
  }

  private halfword(physical: bigint): number {
    return Number(this.parts.memory.load(addressesFrom(physical, HALFWORD_BYTES)));
  }

  /** `told`: what else is told, of a store that is done. */
  private storeTo(bytes: readonly bigint[], value: bigint, told = (): void => undefined): void {
    const { probes, memory } = this.parts;
    if (probes !== undefined) {
      let shift = 0n;
      for (const piece of pagePieces(bytes)) {
        probes.stored(Number(piece[0]), piece.length, value >> shift);
        shift += BigInt(8 * piece.length);
      }
      this.leaveIfRestarted();
      told();
    }
    memory.store(bytes, value);
  }

  private read(kind: "load" | "store", width: Width, address: bigint): bigint {
    const place = this.locate(kind, width, address);
    if ("bytes" in place) {
      for (const piece of pagePieces(place.bytes)) this.parts.probes?.loaded(Number(piece[0]), piece.length);
      this.leaveIfRestarted();
      return this.parts.memory.load(place.bytes);
    }
    const value = this.parts.bus.load(...halvesOf(place.register), width);
    if (value === undefined) this.trap(FAULTS[kind].access, address);
    this.leaveIfRestarted();
    return value;
  }

  /** Both pages of a crossing access are translated before a byte moves, so a faulting access has no effect. */
  private locate(kind: "load" | "store", width: Width, address: bigint): Place {
    const { memory } = this.parts;
    const firstBytes = Math.min(width, PAGE_BYTES - Number(address % BigInt(PAGE_BYTES)));
    const first = this.translated(kind, address, firstBytes);
    if (firstBytes < width) {
      const second = this.translated(kind, this.add(address, BigInt(firstBytes)), width - firstBytes);
      if (!memory.isMemory(first) || !memory.isMemory(second)) this.trap(FAULTS[kind].access, address);
      return { bytes: [...addressesFrom(first, firstBytes), ...addressesFrom(second, width - firstBytes)] };
    }
    if (memory.isMemory(first)) return { bytes: addressesFrom(first, width) };
    // Devices answer aligned accesses only.
    if (address % BigInt(width) !== 0n) this.trap(FAULTS[kind].access, address);
    return { register: first };
  }

  private translated(kind: AccessKind, address: bigint, bytes: number): bigint {
    return this.invoke(translate[kind], address, BigInt(bytes));
  }

  private leaveIfRestarted(): void {
    if (this.parts.mustRestart()) throw NOT_RETIRED;
  }
}

function tellProcedure(
  probes: EvaluatorProbes,
  procedure: Procedure<number>,
  [first = 0n, second = 0n, third = 0n]: readonly bigint[],
): void {
  if ((procedure as unknown) === takeTrap) probes.trapped(first, second);
  if ((procedure as unknown) === writeCsr) probes.csrWritten(Number(first), second, third);
}

/** The bytes of an access in one page, or in each of two. */
const pagePieces = (bytes: readonly bigint[]): readonly (readonly bigint[])[] => {
  const next = bytes.findIndex((address, index) => index > 0 && address % BigInt(PAGE_BYTES) === 0n);
  return next < 0 ? [bytes] : [bytes.slice(0, next), bytes.slice(next)];
};
