/** Bytes that hold a value: of a register, of RAM, of a disk. And what an instruction read, as such. */
import type { RegisterKey } from "../../../machine/dataflow/deed.js";
import type { Origin, Origins } from "../../../machine/dataflow/origins.js";
import type { HartInput } from "../../../machine/hart/system-ops.js";

/** `bytes` of a register: which of its eight, ascending. */
export interface RegisterSpot {
  readonly kind: "register";
  readonly hart: number;
  readonly key: RegisterKey;
  readonly bytes: readonly number[];
}

/** `address`: physical. `virtual`: as the hart that touched it sees it; undefined: nobody told. */
export interface MemorySpot {
  readonly kind: "memory";
  readonly address: number;
  readonly bytes: number;
  readonly virtual: bigint | undefined;
}

export interface DiskSpot {
  readonly kind: "disk";
  readonly slot: number;
  readonly offset: number;
  readonly bytes: number;
}

/** What a load from a device answered. */
export interface LoadSpot {
  readonly kind: "load";
  readonly address: number;
  readonly width: number;
  readonly bytes: readonly number[];
}

export interface InputSpot {
  readonly kind: "input";
  readonly name: HartInput;
}

export type Spot = RegisterSpot | MemorySpot | DiskSpot | LoadSpot | InputSpot;

/** What was read, put together: neighbouring bytes are one spot. In the order of registers, memory, the rest. */
export function spotsOf(origins: Origins, hart: number): readonly Spot[] {
  const registers = new Map<RegisterKey, number[]>();
  const loads = new Map<number, { readonly width: number; readonly bytes: number[] }>();
  const memory: Extract<Origin, { kind: "memory" }>[] = [];
  const inputs: InputSpot[] = [];
  for (const origin of origins) {
    switch (origin.kind) {
      case "x":
      case "f":
        collect(registers, `${origin.kind}${origin.register}`, origin.byte);
        break;
      case "field":
        collect(registers, origin.name, origin.byte);
        break;
      case "memory":
        memory.push(origin);
        break;
      case "device": {
        const load = loads.get(origin.address) ?? { width: origin.width, bytes: [] };
        load.bytes.push(origin.byte);
        loads.set(origin.address, load);
        break;
      }
      case "input":
        inputs.push({ kind: "input", name: origin.name });
        break;
      default:
        origin satisfies never;
    }
  }
  return [
    ...[...registers].map(([key, bytes]): Spot => ({ kind: "register", hart, key, bytes: ascending(bytes) })),
    ...runsOf(memory),
    ...[...loads].map(([address, { width, bytes }]): Spot => ({
      kind: "load",
      address,
      width,
      bytes: ascending(bytes),
    })),
    ...inputs,
  ];
}

const collect = (registers: Map<RegisterKey, number[]>, key: RegisterKey, byte: number): void => {
  registers.set(key, [...(registers.get(key) ?? []), byte]);
};

const ascending = (numbers: readonly number[]): readonly number[] => [...numbers].sort((a, b) => a - b);

function runsOf(origins: readonly Extract<Origin, { kind: "memory" }>[]): readonly MemorySpot[] {
  const runs: MemorySpot[] = [];
  for (const { address, virtual } of [...origins].sort((a, b) => a.address - b.address)) {
    const last = runs.at(-1);
    if (last !== undefined && last.address + last.bytes === address)
      runs[runs.length - 1] = { ...last, bytes: last.bytes + 1 };
    else runs.push({ kind: "memory", address, bytes: 1, virtual });
  }
  return runs;
}

/** The part of a spot in memory or on a disk. */
export const partOf = <S extends MemorySpot | DiskSpot>(spot: S, from: number, bytes: number): S =>
  spot.kind === "memory"
    ? { ...spot, address: spot.address + from, bytes, virtual: spot.virtual && spot.virtual + BigInt(from) }
    : { ...spot, offset: spot.offset + from, bytes };

/** The same text for the same spot. */
export function spotKey(spot: Spot): string {
  switch (spot.kind) {
    case "register":
      return `${String(spot.hart)} ${spot.key} ${spot.bytes.join()}`;
    case "memory":
      return `@${String(spot.address)} ${String(spot.bytes)}`;
    case "disk":
      return `disk ${String(spot.slot)} ${String(spot.offset)} ${String(spot.bytes)}`;
    case "load":
      return `load ${String(spot.address)} ${spot.bytes.join()}`;
    case "input":
      return `input ${spot.name}`;
    default:
      spot satisfies never;
      return "";
  }
}
