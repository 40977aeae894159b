/**
 * The semantics evaluated on plain values, one instruction at a time, with nothing kept between two accesses.
 * What ends an instruction early is thrown as an `InstructionLeft`, which does not leave the engine.
 */
import { markFloatDirty, requireFloat, roundingMode } from "./float-status.js";
import type { Bus } from "../engine/engine.js";
import type { EngineMemory } from "../engine/engine-memory.js";
import { CONTROL, FIELD, PAGE_BYTES, RAM_BASE, ROM_BASE, ROM_BYTES } from "../engine/layout.js";
import type { RoundingMode } from "../float/float.js";
import { decode, isCompressed, type DecodedInstruction } from "../isa/decode.js";
import { evaluateFloat, floatOperationNumber, type FloatOperation } from "../isa/float-operations.js";
import type { AccessKind, HartInput, Operands, Ops, Procedure, Width } from "../isa/ops.js";
import { TRAP_CAUSE } from "../isa/trap-causes.js";
import { BigintArithmetic } from "./bigint-arithmetic.js";
import { WAITING, type HartField, type PmpAddress } from "./fields.js";
import { FAULTS, translate } from "./mmu.js";
import { FS_DIRTY } from "./mstatus.js";
import { takeTrap } from "./trap.js";

export class InstructionLeft extends Error {
  constructor(readonly isRetired: boolean) {
    super("an instruction was left");
  }
}

/** A trap was taken, or the instruction must start again. */
const NOT_RETIRED = new InstructionLeft(false);
/** The field `pc` says where to go on. */
const RESUMED = new InstructionLeft(true);

/** Where an access goes: each byte's address in the engine's memory, or a device. */
type Place = { readonly bytes: readonly number[] } | { readonly register: bigint };

const HALFWORD_BYTES = 2n;
const PAGE_OFFSET = BigInt(PAGE_BYTES - 1);

export class Evaluator extends BigintArithmetic implements Ops<bigint, boolean, number> {
  /** The encoding of the present instruction, for an illegal one's trap value. */
  protected raw = 0;
  private bytes: 2 | 4 = 4;
  private successor = 0n;

  constructor(
    private readonly memory: EngineMemory,
    private readonly bus: Bus,
  ) {
    super();
  }

  /** Runs the instruction at `pc`, and moves `pc` on. @throws {InstructionLeft} */
  step(): void {
    const low = this.fetch(this.pc());
    const high = isCompressed(low) ? 0 : this.fetch(this.add(this.pc(), HALFWORD_BYTES));
    this.raw = ((high << 16) | low) >>> 0;
    const decoded = decode(this.raw);
    if (decoded === undefined) this.illegal();
    this.bytes = decoded.bytes;
    this.successor = this.nextPc();
    decoded.instruction.execute(this, this.operands(decoded));
    this.memory.setWord(FIELD.pc, this.successor);
  }

  invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly bigint[]): bigint {
    return procedure.body<bigint, boolean, number>(this, ...inputs);
  }

  x(register: number): bigint {
    return this.memory.x(register);
  }

  setX(register: number, value: bigint): void {
    this.memory.setX(register, value);
  }

  f(register: number): bigint {
    return this.memory.f(register);
  }

  setF(register: number, value: bigint): void {
    this.memory.setF(register, value);
  }

  field(name: HartField): bigint {
    return this.memory.word(FIELD[name]);
  }

  setField(name: HartField, value: bigint): void {
    this.memory.setWord(FIELD[name], value);
  }

  pmpAddress(index: bigint): bigint {
    return this.field(`pmpaddr${String(index)}` as PmpAddress);
  }

  input(name: HartInput): bigint {
    switch (name) {
      case "icount":
        return BigInt(this.memory.icountInRun());
      case "virtualNs": {
        const elapsed = BigInt(this.memory.icountInRun()) << this.memory.word(CONTROL.clockShift);
        return this.add(this.memory.word(CONTROL.clockBiasNs), elapsed);
      }
      default:
        return this.memory.word(CONTROL[name]);
    }
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
      const answered = this.bus.store(place.register, width, BigInt.asUintN(width * 8, value));
      if (!answered) this.trap(FAULTS.store.access, address);
      this.leaveIfRestarted();
      return;
    }
    place.bytes.forEach((host, index) => {
      this.writeByte(host, Number((value >> BigInt(8 * index)) & 0xffn));
    });
  }

  isRam(address: bigint, bytes: number): boolean {
    const offset = address - BigInt(RAM_BASE);
    return offset >= 0n && offset + BigInt(bytes) <= BigInt(this.memory.layout.ramBytes);
  }

  physicalLoad(address: bigint): bigint {
    return this.memory.view.getBigUint64(this.ramHost(address), true);
  }

  physicalStore(address: bigint, value: bigint): void {
    const host = this.ramHost(address);
    this.memory.view.setBigUint64(host, value, true);
    this.memory.markWritten(host - this.memory.layout.ram, 8);
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
  }

  // Nothing is derived, so nothing has to be forgotten.
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

  /** A halfword of an instruction. Devices hold none. */
  private fetch(address: bigint): number {
    const host = this.host(this.invoke(translate.fetch, address, HALFWORD_BYTES));
    if (host === undefined) this.trap(FAULTS.fetch.access, address);
    return this.memory.view.getUint16(host, true);
  }

  private read(kind: "load" | "store", width: Width, address: bigint): bigint {
    const place = this.locate(kind, width, address);
    if ("register" in place) {
      const value = this.bus.load(place.register, width);
      if (value === undefined) this.trap(FAULTS[kind].access, address);
      this.leaveIfRestarted();
      return value;
    }
    return place.bytes.reduceRight((value, host) => (value << 8n) | BigInt(this.memory.bytes[host] ?? 0), 0n);
  }

  /** Both pages of a crossing access are translated before a byte moves: one that faults has no effect. */
  private locate(kind: "load" | "store", width: Width, address: bigint): Place {
    const firstBytes = Math.min(width, PAGE_BYTES - Number(address & PAGE_OFFSET));
    const physical = this.translated(kind, address, firstBytes);
    const first = this.host(physical);
    if (firstBytes < width) {
      const second = this.host(this.translated(kind, this.add(address, BigInt(firstBytes)), width - firstBytes));
      if (first === undefined || second === undefined) this.trap(FAULTS[kind].access, address);
      return { bytes: [...hostRange(first, firstBytes), ...hostRange(second, width - firstBytes)] };
    }
    if (first !== undefined) return { bytes: hostRange(first, width) };
    // Devices answer aligned accesses only.
    if (address % BigInt(width) !== 0n) this.trap(FAULTS[kind].access, address);
    return { register: physical };
  }

  private translated(kind: AccessKind, address: bigint, bytes: number): bigint {
    return this.invoke(translate[kind], address, BigInt(bytes));
  }

  /** The host's clock must be read first: the bus has the instruction start again. */
  private leaveIfRestarted(): void {
    if (this.memory.word(CONTROL.abort) !== 0n) throw NOT_RETIRED;
  }

  private ramHost(address: bigint): number {
    return Number(address - BigInt(RAM_BASE)) + this.memory.layout.ram;
  }

  /** The address in the engine's memory of a physical address; undefined outside RAM and ROM. */
  private host(physical: bigint): number | undefined {
    if (this.isRam(physical, 1)) return this.ramHost(physical);
    const offset = physical - BigInt(ROM_BASE);
    return offset >= 0n && offset < BigInt(ROM_BYTES) ? Number(offset) + this.memory.layout.rom : undefined;
  }

  /** ROM takes no writes, and says nothing. */
  private writeByte(host: number, value: number): void {
    const { layout, bytes } = this.memory;
    if (host >= layout.rom) return;
    bytes[host] = value;
    this.memory.markWritten(host - layout.ram, 1);
  }
}

const hostRange = (first: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => first + index);
