/**
 * `SystemOps<Sourced>`: the one table of semantics, run on a state that stays as it is. It answers what an instruction
 * writes, and of what each byte of that was made.
 */
import { evaluateFloat, floatOperationNumber, type FloatOperation } from "../float/operations.js";
import type { RoundingMode } from "../float/float.js";
import { markFloatDirty, requireFloat, roundingMode } from "../hart/float-status.js";
import { WAITING, type HartField, type PmpAddress } from "../hart/fields.js";
import { FAULTS, translate } from "../hart/mmu.js";
import { FS_DIRTY } from "../hart/mstatus.js";
import type { AccessKind, Width } from "../hart/ops.js";
import type { HartInput, Procedure, SystemOps } from "../hart/system-ops.js";
import { TRAP_CAUSE } from "../hart/trap-causes.js";
import { takeTrap } from "../hart/trap.js";
import { decode, isCompressed, type DecodedInstruction } from "../isa/decode.js";
import type { Operands } from "../isa/instruction.js";
import type { RegisterKey, Store } from "./deed.js";
import { NONE, OriginPool, union, type Origin, type Origins } from "./origins.js";
import { SourcedArithmetic, mixedOf } from "./sourced-arithmetic.js";
import { byteOf, constant, originsOf, VALUE_BYTES, type Sourced, type SourcedCondition } from "./sourced.js";

type Value = Sourced;

/** What a deed finds. Addresses are physical. */
export interface Surroundings {
  register(key: RegisterKey): bigint;
  /** Of RAM or ROM; undefined: no memory there. */
  byte(address: number): number | undefined;
  isRam(address: bigint, bytes: number): boolean;
  input(name: HartInput): bigint;
  /** What a device would answer; undefined: it answers nothing. */
  loaded(address: bigint, width: number): bigint | undefined;
  /** Whether a device would take it. */
  takes(address: bigint, width: number): boolean;
}

/** An instruction ended early. `isRetired`: it counts. */
export class Left extends Error {
  constructor(readonly isRetired: boolean) {
    super("an instruction was left");
  }
}

const TRAPPED = new Left(false);
const RESUMED = new Left(true);
const HALFWORD_BYTES = 2;
const PAGE_BYTES = 4096n;

/** One deed. Made anew for each. */
export class ExplainingOps extends SourcedArithmetic implements SystemOps<Value, SourcedCondition, number> {
  readonly registers = new Map<RegisterKey, Value>();
  readonly stores: Store[] = [];
  raw: number | undefined;
  cause: bigint | undefined;
  target: Value | undefined;
  private readonly pool = new OriginPool();
  private readonly memory = new Map<number, { readonly value: Value; readonly byte: number }>();
  private bytes: 2 | 4 = 4;
  private successor: Value | undefined;

  constructor(private readonly surroundings: Surroundings) {
    super();
  }

  /** The instruction at `pc`. @throws {Left} */
  step(): void {
    const low = this.halfword(this.pc());
    const high = isCompressed(low) ? 0 : this.halfword(this.add(this.pc(), this.i64(BigInt(HALFWORD_BYTES))));
    this.raw = ((high << 16) | low) >>> 0;
    const decoded = decode(this.raw);
    if (decoded === undefined) this.illegal();
    this.bytes = decoded.bytes;
    const next = this.nextPc();
    decoded.instruction.execute(this, operandsOf(decoded));
    this.startAnew();
    this.setField("pc", this.successor ?? next);
  }

  invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly Value[]): Value {
    if ((procedure as unknown) === takeTrap) this.cause = inputs[0]?.value;
    return procedure.body<Value, SourcedCondition, number>(this, ...inputs);
  }

  x(register: number): Value {
    return register === 0 ? constant(0n) : this.read(`x${register}`, (byte) => ({ kind: "x", register, byte }));
  }

  setX(register: number, value: Value): void {
    if (register !== 0) this.registers.set(`x${register}`, this.here(value));
  }

  f(register: number): Value {
    return this.read(`f${register}`, (byte) => ({ kind: "f", register, byte }));
  }

  setF(register: number, value: Value): void {
    this.registers.set(`f${register}`, this.here(value));
  }

  field(name: HartField): Value {
    // Where an instruction stands is no data.
    if (name === "pc") return this.registers.get("pc") ?? constant(this.surroundings.register("pc"));
    return this.read(name, (byte) => ({ kind: "field", name, byte }));
  }

  setField(name: HartField, value: Value): void {
    this.registers.set(name, this.here(value));
  }

  pmpAddress(index: Value): Value {
    return this.field(`pmpaddr${String(index.value)}` as PmpAddress);
  }

  input(name: HartInput): Value {
    const origins = this.pool.of(`input ${name}`, () => ({ kind: "input", name }));
    return sourced(this.surroundings.input(name), () => origins);
  }

  note(): Value {
    return constant(0n);
  }

  setNote(): void {}

  load(width: Width, address: Value): Value {
    return this.loadAs("load", width, address);
  }

  loadForStore(width: Width, address: Value): Value {
    return this.loadAs("store", width, address);
  }

  store(width: Width, address: Value, value: Value): void {
    const place = this.locate("store", width, address);
    const stored = this.here({ ...value, addresses: union(value.addresses, place.origins) });
    if ("register" in place) {
      if (!this.surroundings.takes(place.register, width)) this.trap(this.i64(FAULTS.store.access), address);
      const addresses = [Number(place.register)];
      this.stores.push({ addresses, isDevice: true, virtual: address.value, value: stored });
    } else this.storeTo(place.bytes, stored, address.value);
  }

  isRam(address: Value, bytes: number): SourcedCondition {
    return this.eq(this.i64(BigInt(this.surroundings.isRam(address.value, bytes))), this.i64(1n));
  }

  physicalLoad(address: Value): Value {
    return this.loadFrom(addressesFrom(address.value, VALUE_BYTES), originsOf(address));
  }

  physicalStore(address: Value, value: Value): void {
    this.storeTo(
      addressesFrom(address.value, VALUE_BYTES),
      this.here({ ...value, addresses: union(value.addresses, originsOf(address)) }),
    );
  }

  requireFloat(): void {
    requireFloat(this);
  }

  floatWritten(): void {
    markFloatDirty(this);
  }

  roundingMode(rm: Value): Value {
    return roundingMode(this, rm);
  }

  float(operation: FloatOperation, rm: Value, ...inputs: readonly Value[]): Value {
    const [a = 0n, b = 0n, c = 0n] = inputs.map(({ value }) => value);
    const { bits, flags } = evaluateFloat(floatOperationNumber(operation), Number(rm.value) as RoundingMode, a, b, c);
    const result = mixedOf(BigInt.asUintN(64, bits), rm, ...inputs);
    if (flags !== 0) {
      this.setField("fflags", this.or(this.field("fflags"), { ...result, value: BigInt(flags) }));
      this.setField("mstatus", this.or(this.field("mstatus"), this.i64(FS_DIRTY)));
    }
    return result;
  }

  pc(): Value {
    return this.field("pc");
  }

  nextPc(): Value {
    return this.add(this.pc(), this.i64(BigInt(this.bytes)));
  }

  jumpTo(target: Value): void {
    this.successor = target;
    this.target = target;
  }

  jumpBy(displacement: Value): void {
    this.successor = this.add(this.pc(), displacement);
  }

  branchBy(condition: SourcedCondition, displacement: Value): void {
    this.target = this.bit(condition);
    if (condition.value) this.jumpBy(displacement);
  }

  trap(cause: Value, trapValue: Value): never {
    this.startAnew();
    this.invoke(takeTrap, cause, trapValue);
    throw TRAPPED;
  }

  illegal(): never {
    this.trap(this.i64(TRAP_CAUSE.illegalInstruction), this.i64(BigInt(this.raw ?? 0)));
  }

  resume(): never {
    throw RESUMED;
  }

  waitForInterrupt(): void {
    this.setField("waiting", this.i64(WAITING.forPending));
  }

  pause(): void {}
  notePageTable(): void {}
  contextChanged(): void {}
  translationsChanged(): void {}

  /** What was written is read again; all else is as it was before. */
  private read(key: RegisterKey, origin: (byte: number) => Origin): Value {
    const written = this.registers.get(key);
    if (written !== undefined) return written;
    return sourced(this.surroundings.register(key), (byte) =>
      this.pool.of(`${key} ${String(byte)}`, () => origin(byte)),
    );
  }

  private loadAs(kind: "load" | "store", width: Width, address: Value): Value {
    const place = this.locate(kind, width, address);
    if ("bytes" in place) return this.loadFrom(place.bytes, place.origins, address.value);
    const register = Number(place.register);
    const value = this.surroundings.loaded(place.register, width);
    if (value === undefined) this.trap(this.i64(FAULTS[kind].access), address);
    const origin = (byte: number): Origins =>
      byte < width
        ? this.pool.of(`device ${String(byte)}`, () => ({ kind: "device", address: register, width, byte }))
        : NONE;
    return { ...sourced(value, origin), addresses: place.origins };
  }

  /** `virtual`: as the hart sees the first byte; undefined: it is a page table's. */
  private loadFrom(addresses: readonly number[], through: Origins, virtual?: bigint): Value {
    let value = 0n;
    const bytes: Origins[] = [];
    const deciders = { addresses: through, conditions: NONE };
    const seenAt = (index: number): bigint | undefined => virtual && BigInt.asUintN(64, virtual + BigInt(index));
    addresses.forEach((address, index) => {
      const own = this.memory.get(address);
      value |=
        BigInt(own === undefined ? (this.surroundings.byte(address) ?? 0) : byteOf(own.value.value, own.byte)) <<
        BigInt(8 * index);
      bytes.push(
        own?.value.bytes[own.byte] ??
          this.pool.of(`@${String(address)}`, () => ({ kind: "memory", address, virtual: seenAt(index) })),
      );
    });
    while (bytes.length < VALUE_BYTES) bytes.push(NONE);
    return { value, bytes, ...deciders };
  }

  private storeTo(addresses: readonly number[], value: Value, virtual?: bigint): void {
    // ROM ignores writes.
    const kept = addresses.map((address) => (this.surroundings.isRam(BigInt(address), 1) ? address : -1));
    kept.forEach((address, byte) => {
      if (address >= 0) this.memory.set(address, { value, byte });
    });
    this.stores.push({ addresses: kept, isDevice: false, virtual, value });
  }

  /** As hardware does: both pages of a crossing access are translated first, and devices answer aligned ones only. */
  private locate(
    kind: "load" | "store",
    width: Width,
    address: Value,
  ): { readonly origins: Origins } & ({ readonly bytes: readonly number[] } | { readonly register: bigint }) {
    const firstBytes = Math.min(width, Number(PAGE_BYTES - (address.value % PAGE_BYTES)));
    const first = this.translated(kind, address, firstBytes);
    const fault = (): never => this.trap(this.i64(FAULTS[kind].access), address);
    if (firstBytes < width) {
      const second = this.translated(kind, this.add(address, this.i64(BigInt(firstBytes))), width - firstBytes);
      if (!this.isMemory(first) || !this.isMemory(second)) fault();
      const bytes = [...addressesFrom(first.value, firstBytes), ...addressesFrom(second.value, width - firstBytes)];
      return { bytes, origins: union(originsOf(first), originsOf(second)) };
    }
    const origins = originsOf(first);
    if (this.isMemory(first)) return { bytes: addressesFrom(first.value, width), origins };
    if (address.value % BigInt(width) !== 0n) fault();
    return { register: first.value, origins };
  }

  private translated(kind: AccessKind, address: Value, bytes: number): Value {
    return this.invoke(translate[kind], address, this.i64(BigInt(bytes)));
  }

  private isMemory({ value }: Value): boolean {
    return value <= BigInt(Number.MAX_SAFE_INTEGER) && this.surroundings.byte(Number(value)) !== undefined;
  }

  private halfword(address: Value): number {
    const physical = this.translated("fetch", address, HALFWORD_BYTES);
    if (!this.isMemory(physical)) this.trap(this.i64(FAULTS.fetch.access), address);
    return Number(this.loadFrom(addressesFrom(physical.value, HALFWORD_BYTES), NONE).value);
  }
}

const sourced = (value: bigint, origin: (byte: number) => Origins): Value => ({
  value,
  bytes: Array.from({ length: VALUE_BYTES }, (_, byte) => origin(byte)),
  addresses: NONE,
  conditions: NONE,
});

const operandsOf = ({ rd, rs1, rs2, rs3, imm, raw }: DecodedInstruction): Operands<Value, number> => ({
  rd,
  rs1,
  rs2,
  rs3,
  imm: constant(BigInt(imm)),
  uimm: constant(BigInt((raw >>> 15) & 0x1f)),
  rm: constant(BigInt((raw >>> 12) & 7)),
});

const addressesFrom = (first: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => Number(first) + index);
