/** Names for what a tree shows: places, functions, lines, devices. */
import type { RegisterKey } from "../../../machine/dataflow/deed.js";
import { unitAt } from "../../../machine/inspect.js";
import { floatRegister, integerRegister } from "../../../machine/isa/registers.js";
import type { MachineConfig } from "../../../reducers/machine-config.js";
import { hexAddress } from "../../../reducers/hex.js";
import type { Names } from "../names/names.js";
import { memberAt } from "./member-at.js";
import type { Spot } from "./spot.js";

export class Describer {
  constructor(
    private readonly names: Names,
    private readonly config: MachineConfig,
  ) {}

  functionAt(pc: bigint): string | undefined {
    return this.names.functionAt(pc)?.name;
  }

  lineAt(pc: bigint): string | undefined {
    const at = this.names.lineAt(pc);
    return at === undefined ? undefined : `${at.file}:${String(at.line)}`;
  }

  /** Where the machine has several harts. */
  who(hart: number): string | undefined {
    return this.config.harts === 1 ? undefined : `hart ${String(hart)}`;
  }

  place(spot: Spot): string {
    switch (spot.kind) {
      case "register":
        return `${registerName(spot.key)}${part(spot.bytes, 8)}`;
      case "memory":
        return this.memoryName(spot.virtual ?? BigInt(spot.address), spot.bytes);
      case "disk":
        return `disk${String(spot.slot)}+${hexAddress(spot.offset)}:${String(spot.bytes)}`;
      case "load":
        return `${this.deviceName(spot.address)}${part(spot.bytes, spot.width)}`;
      case "input":
        return spot.name;
      default:
        spot satisfies never;
        return "";
    }
  }

  /** `uart16550+0x0`. */
  deviceName(address: number): string {
    const unit = unitAt({ config: this.config }, address);
    return unit === undefined ? hexAddress(address) : `${unit.label}+${hexAddress(address - unit.place.base)}`;
  }

  /** `link.count` where a type tells, else `link+0x8:4`, else the address. */
  private memoryName(address: bigint, bytes: number): string {
    const symbol = this.names.symbolAt(address);
    const offset = address - (symbol?.address ?? 0n);
    // A label without a size reaches as far as the next one: too far to be the name of what lies there.
    if (symbol === undefined || (symbol.sizeBytes === 0n && offset > 0n))
      return `${hexAddress(address)}:${String(bytes)}`;
    const type = this.names.variable(symbol.name)?.type;
    const member = type && memberAt(type, Number(offset), bytes);
    if (member !== undefined) return `${symbol.name}${member}`;
    return `${symbol.name}${offset === 0n ? "" : `+${hexAddress(offset)}`}:${String(bytes)}`;
  }
}

export function registerName(key: RegisterKey): string {
  const [, bank, index] = /^([xf])(\d+)$/.exec(key) ?? [];
  if (bank === undefined) return key;
  return (bank === "x" ? integerRegister : floatRegister)(Number(index));
}

/** Which of the bytes, if not all. */
function part(bytes: readonly number[], all: number): string {
  if (bytes.length === all) return "";
  const [first = 0] = bytes;
  const last = bytes.at(-1) ?? first;
  const isRun = last - first + 1 === bytes.length;
  return `[${isRun ? (first === last ? String(first) : `${String(first)}..${String(last)}`) : bytes.join()}]`;
}
