/** A debugger's view of a state: memory, registers and devices, without the side effects of a guest's access. */
import { bytesOfInteger } from "./little-endian.js";
import type { VirtualNs } from "../reducers/position.js";
import { retiredBy } from "../reducers/schedule.js";
import * as clock from "../reducers/clock.js";
import type { BusAccess } from "../reducers/device.js";
import { devices, type Unit } from "../reducers/devices.js";
import { stateOf } from "../reducers/platform.js";
import { BusMap, deviceAddress, loadedAt } from "./bus.js";
import { halvesOf } from "./physical-address.js";
import { BigintArithmetic } from "./hart/bigint-arithmetic.js";
import { CSRS } from "./hart/csr.js";
import type { HartField } from "./hart/fields.js";
import { PRIVILEGE } from "./hart/mstatus.js";
import { physicalAddress, type EntryLoader } from "./hart/peek.js";
import { PTE_BYTES } from "./hart/sv39.js";
import { interruptLinesOf } from "./interrupt-lines.js";
import type { HartInput, SystemOps } from "./hart/system-ops.js";
import { DRAM_BASE, MEMORY_MAP } from "./memory-map.js";
import type { Ram } from "./ram.js";
import type { MachineState } from "./state.js";

/** What can be inspected: a state, or a machine at its present position (`machine.present`). */
export interface Inspected extends Pick<
  MachineState,
  "config" | "position" | "clock" | "harts" | "schedule" | "platform" | "rom"
> {
  readonly ram: Pick<Ram, "byteLength" | "read">;
  /** The hart whose registers and translation are meant; absent: the one whose turn it is. */
  readonly hart?: number | undefined;
}

/** The same as another hart sees it; undefined: the one whose turn it is. */
export const seenBy = (inspected: Inspected, hart: number | undefined): Inspected =>
  // No copy: what is inspected reads on demand.
  hart === undefined ? inspected : (Object.create(inspected, { hart: { value: hart, enumerable: true } }) as Inspected);

/** The hart that is meant. */
export const hartOf = (seen: Pick<Inspected, "hart" | "schedule">): number => seen.hart ?? seen.schedule.hart;

const PAGE_BITS = 12n;

/**
 * Bytes at a physical address; undefined if nothing answers. A device's register has the value that a load would
 * return.
 */
export function readPhysical(state: Inspected, address: bigint, length: number): Uint8Array | undefined {
  const memory = readMemory(state, address, length);
  if (memory !== undefined) return memory;
  const value = readRegister(state, deviceAddress(...halvesOf(address)), length);
  return value === undefined ? undefined : bytesOfInteger(value, length);
}

/** RAM or ROM; undefined: not all of it is memory. */
export function readMemory({ ram, rom }: Inspected, address: bigint, length: number): Uint8Array | undefined {
  const ramOffset = address - BigInt(DRAM_BASE);
  if (ramOffset >= 0n) {
    return ramOffset + BigInt(length) <= BigInt(ram.byteLength) ? ram.read(Number(ramOffset), length) : undefined;
  }
  const romOffset = Number(address - BigInt(MEMORY_MAP.mrom.base));
  return romOffset >= 0 && romOffset + length <= rom.byteLength ? rom.read(romOffset, length) : undefined;
}

/** The value of a device's register, without the side effect of a load. */
export function readRegister(state: Inspected, address: number, width: number): bigint | undefined {
  const unit = unitAt(state, address);
  if (unit === undefined) return undefined;
  const access = loadedAt(address - unit.place.base, width);
  if (!unit.device.accepts(access)) return undefined;
  const { sources } = interruptLinesOf(state);
  return unit.device.load(stateOf(state.platform, unit), access, { virtualNs: virtualNsOf(state), sources });
}

/** The device whose registers contain a physical address. */
export function unitAt({ config }: Pick<Inspected, "config">, address: number): Unit | undefined {
  const units = devices(config);
  return units[new BusMap(units).unitAt(address)];
}

/** Whether an access to a device's register would wait for an answer of the host. */
export function isDeviceWaiting(state: Inspected, address: number, width: number, type: BusAccess["type"]): boolean {
  const unit = unitAt(state, address);
  if (unit?.device.hostWait === undefined) return false;
  const access = loadedAt(address - unit.place.base, width);
  const asked = type === "bus/loaded" ? access : { ...access, type, value: 0n };
  return unit.device.hostWait.asks(stateOf(state.platform, unit), asked) !== undefined;
}

/** Like `readPhysical`, page by page through the hart's page table. */
export function readVirtual(state: Inspected, address: bigint, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const virtual = BigInt.asUintN(64, address + BigInt(at));
    const leftOfPage = Number((1n << PAGE_BITS) - (virtual & ((1n << PAGE_BITS) - 1n)));
    const part = Math.min(length - at, leftOfPage);
    const physical = translateAddress(state, virtual);
    const read = physical === undefined ? undefined : readPhysical(state, physical, part);
    if (read === undefined) return undefined;
    bytes.set(read, at);
    at += part;
  }
  return bytes;
}

/** Translates as debuggers do: ignores permissions and sets no A or D bit. Undefined: nothing is mapped there. */
const translateAddress = (state: Inspected, virtual: bigint): bigint | undefined =>
  physicalAddress(
    { privilege: fieldOf(state, "privilege"), satp: fieldOf(state, "satp") },
    virtual,
    entryLoader(state),
  );

const entryLoader =
  (state: Inspected): EntryLoader =>
  (entry) => {
    const bytes = readMemory(state, entry, PTE_BYTES);
    return bytes === undefined ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  };

/** As the hart's page table in use has it, even where the hart is in M mode; undefined: nothing is mapped there. */
export const physicalAddressOf = (state: Inspected, virtual: bigint): bigint | undefined =>
  physicalAddress({ privilege: PRIVILEGE.supervisor, satp: fieldOf(state, "satp") }, virtual, entryLoader(state));

/** The value of a CSR, by its name; undefined: there is no such CSR. */
export function readCsr(state: Inspected, name: string): bigint | undefined {
  const csr = [...CSRS.values()].find((candidate) => candidate.name === name);
  // A read uses fields, inputs and arithmetic, and no operation that changes state.
  return csr?.read(new StateReader(state) as unknown as SystemOps<bigint, boolean, number>);
}

export const virtualNsOf = ({ clock: time, config, position }: Inspected): VirtualNs =>
  clock.virtualNs(time, config.shift, position.icount);

const mtimeOffsetOf = ({ config, platform }: Inspected): bigint => {
  const keeper = devices(config).find(({ device }) => device.mtimeOffset !== undefined);
  return keeper?.device.mtimeOffset?.(stateOf(platform, keeper)) ?? 0n;
};

const fieldOf = (state: Inspected, name: HartField): bigint => state.harts[hartOf(state)]?.fields[name] ?? 0n;

/** What an operation that only reads finds in a state. */
export class StateReader extends BigintArithmetic {
  constructor(private readonly state: Inspected) {
    super();
  }

  field(name: HartField): bigint {
    return fieldOf(this.state, name);
  }

  input(name: HartInput): bigint {
    return inputOf(this.state, name);
  }
}

/** What devices and the clock show to the hart. */
export function inputOf(state: Inspected, name: HartInput): bigint {
  switch (name) {
    case "hartId":
      return BigInt(hartOf(state));
    case "interruptLines":
      return BigInt(interruptLinesOf(state).of(hartOf(state)));
    case "icount":
      return BigInt(state.position.icount);
    case "instret":
      return BigInt(retiredBy(state.schedule, state.position.icount)[hartOf(state)] ?? 0);
    case "virtualNs":
      return virtualNsOf(state);
    case "mtimeOffset":
      return mtimeOffsetOf(state);
    default:
      name satisfies never;
      return 0n;
  }
}
