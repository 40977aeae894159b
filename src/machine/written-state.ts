/** A state with other registers or memory, as a debugger or a patch writes them. */
import type { DebuggerEvent } from "../reducers/debugger.js";
import { PageDigester } from "./digest/page-digest.js";
import { CSRS } from "./hart/csr.js";
import type { HartField } from "./hart/fields.js";
import type { SystemOps } from "./hart/system-ops.js";
import type { HartState } from "./hart/registers.js";
import { seenBy, StateReader } from "./inspect.js";
import { DRAM_BASE } from "./memory-map.js";
import { findRegister, type Register } from "./named-registers.js";
import { RAM_PAGE_BYTES, type Ram, type RamPage } from "./ram.js";
import type { MachineState } from "./state.js";

/** Why nothing can be written there. */
export class NotWritableError extends Error {
  override readonly name = "NotWritableError";
}

/** What a debugger wrote. @throws {NotWritableError} */
export function withWrite(state: MachineState, event: DebuggerEvent): MachineState {
  if (event.type === "debugger/memoryWritten") return withMemory(state, event.address, event.bytes);
  const register = findRegister(event.register);
  if (register === undefined) throw new NotWritableError(`there is no register ${event.register}`);
  return withRegister(state, event.hart, register, event.value);
}

/** @throws {NotWritableError} */
export function requireWritable(state: MachineState, event: DebuggerEvent): void {
  if (state.power.off !== null) throw new NotWritableError("the machine is off here; go back first");
  withWrite(state, event);
}

export const isInRam = ({ ram }: { readonly ram: Pick<Ram, "byteLength"> }, address: number, bytes: number): boolean =>
  address >= DRAM_BASE && address - DRAM_BASE + bytes <= ram.byteLength;

/** From a physical address on. @throws {NotWritableError} where that is not RAM */
export function withMemory(state: MachineState, address: number, bytes: Uint8Array): MachineState {
  if (!isInRam(state, address, bytes.length)) throw new NotWritableError("it is not in RAM");
  return { ...state, ram: withBytes(state.ram, address - DRAM_BASE, bytes) };
}

/** A CSR takes what it would take from an instruction. @throws {NotWritableError} */
export function withRegister(state: MachineState, hart: number, register: Register, value: bigint): MachineState {
  const before = state.harts[hart];
  if (before === undefined) {
    throw new NotWritableError(`there is no hart ${String(hart)}; the machine has ${String(state.harts.length)}`);
  }
  const after = register.kind === "csr" ? withCsr(state, hart, register.name, value) : written(before, register, value);
  return { ...state, harts: state.harts.with(hart, after) };
}

function written(hart: HartState, register: Exclude<Register, { kind: "csr" }>, value: bigint): HartState {
  if (register.kind === "pc") {
    if ((value & 1n) !== 0n) throw new NotWritableError("pc is an even address");
    return { ...hart, fields: { ...hart.fields, pc: value } };
  }
  if (register.kind === "x" && register.index === 0) throw new NotWritableError("x0 is always 0");
  return { ...hart, [register.kind]: hart[register.kind].with(register.index, value) };
}

function withCsr(state: MachineState, hart: number, name: string, value: bigint): HartState {
  const csr = [...CSRS.values()].find((candidate) => candidate.name === name);
  if (csr?.write === undefined) throw new NotWritableError(`${name} can only be read`);
  const writer = new StateWriter(seenBy(state, hart) as MachineState, hart);
  // A write uses fields, inputs and arithmetic; what else it says is for an engine that keeps translations.
  csr.write(writer as unknown as SystemOps<bigint, boolean, number>, value);
  return writer.written;
}

class StateWriter extends StateReader {
  private readonly fields: Record<HartField, bigint>;
  private readonly before: HartState;

  constructor(state: MachineState, hart: number) {
    super(state);
    const before = state.harts[hart];
    if (before === undefined) throw new NotWritableError(`there is no hart ${String(hart)}`);
    this.before = before;
    this.fields = { ...before.fields };
  }

  get written(): HartState {
    return { ...this.before, fields: this.fields };
  }

  override field(name: HartField): bigint {
    return this.fields[name];
  }

  setField(name: HartField, value: bigint): void {
    this.fields[name] = value;
  }

  pc(): bigint {
    return this.fields.pc;
  }

  setNote(): void {}

  contextChanged(): void {}

  translationsChanged(): void {}
}

function withBytes(ram: Ram, offset: number, bytes: Uint8Array): Ram {
  const pages: [number, RamPage | undefined][] = [];
  const digester = (digesting ??= new PageDigester());
  for (let at = 0; at < bytes.length;) {
    const index = Math.floor((offset + at) / RAM_PAGE_BYTES);
    const start = (offset + at) % RAM_PAGE_BYTES;
    const part = bytes.subarray(at, at + RAM_PAGE_BYTES - start);
    const page = Uint8Array.from(ram.page(index)?.bytes ?? new Uint8Array(RAM_PAGE_BYTES));
    page.set(part, start);
    const digest = digester.of(page, index);
    pages.push([index, digest === 0n ? undefined : { bytes: page, digest }]);
    at += part.length;
  }
  return ram.with(pages);
}

let digesting: PageDigester | undefined;
