/** What a hart does from a state on until an instruction retires, deed by deed, with what each was made of. */
import { WAITING, type HartField } from "../hart/fields.js";
import type { HartInput } from "../hart/system-ops.js";
import { takePendingInterrupt } from "../hart/trap.js";
import { inputOf, isDeviceWaiting, readMemory, readRegister, seenBy, type Inspected } from "../inspect.js";
import { DRAM_BASE } from "../memory-map.js";
import { deviceAddress } from "../bus.js";
import { halvesOf } from "../physical-address.js";
import type { Deed, RegisterKey } from "./deed.js";
import { ExplainingOps, Left, type Surroundings } from "./explaining-ops.js";
import { byteOf } from "./sourced.js";

/** A trap whose handler traps at once, and so on: no guest that goes on has so many without an instruction. */
export const MAX_DEEDS_AN_INSTRUCTION = 16;

/** In order. The last one retires, unless the hart waits: for an interrupt, or for an answer of the host. */
export function explain(state: Inspected, hart: number): readonly Deed[] {
  const deeds: Deed[] = [];
  const before = new Before(seenBy(state, hart), hart, deeds);
  while (deeds.length < MAX_DEEDS_AN_INSTRUCTION) {
    const arrival = new ExplainingOps(before);
    arrival.invoke(takePendingInterrupt);
    if (arrival.registers.size > 0) deeds.push(deedOf("interrupt", before, arrival));
    if (before.register("waiting") !== WAITING.no) return deeds;
    const ops = new ExplainingOps(before);
    try {
      ops.step();
    } catch (reason) {
      if (reason === WAITS) return deeds;
      if (!(reason instanceof Left)) throw reason;
      if (!reason.isRetired) {
        deeds.push(deedOf("trap", before, ops));
        continue;
      }
    }
    deeds.push(deedOf("instruction", before, ops));
    return deeds;
  }
  return deeds;
}

/** An access waits for the host, and the instruction begins anew later. */
const WAITS = new Error("an access waits for the host");

const deedOf = (kind: Deed["kind"], before: Before, ops: ExplainingOps): Deed => ({
  kind,
  pc: before.register("pc"),
  raw: ops.raw,
  cause: kind === "instruction" ? undefined : ops.cause,
  registers: ops.registers,
  stores: ops.stores,
  target: ops.target,
});

/** The state, with what the deeds so far wrote. */
class Before implements Surroundings {
  constructor(
    private readonly state: Inspected,
    private readonly hart: number,
    private readonly deeds: readonly Deed[],
  ) {}

  register(key: RegisterKey): bigint {
    const written = this.deeds.findLast(({ registers }) => registers.has(key))?.registers.get(key);
    return written === undefined ? registerOf(this.state, this.hart, key) : written.value;
  }

  byte(address: number): number | undefined {
    for (const { stores } of this.deeds.toReversed()) {
      for (const { addresses, isDevice, value } of stores.toReversed()) {
        const at = isDevice ? -1 : addresses.indexOf(address);
        if (at >= 0) return byteOf(value.value, at);
      }
    }
    return readMemory(this.state, BigInt(address), 1)?.[0];
  }

  isRam(address: bigint, bytes: number): boolean {
    const offset = address - BigInt(DRAM_BASE);
    return offset >= 0n && offset + BigInt(bytes) <= BigInt(this.state.ram.byteLength);
  }

  input(name: HartInput): bigint {
    return inputOf(this.state, name);
  }

  loaded(address: bigint, width: number): bigint | undefined {
    const at = deviceAddress(...halvesOf(address));
    if (isDeviceWaiting(this.state, at, width, "bus/loaded")) throw WAITS;
    return readRegister(this.state, at, width);
  }

  takes(address: bigint, width: number): boolean {
    const at = deviceAddress(...halvesOf(address));
    if (isDeviceWaiting(this.state, at, width, "bus/stored")) throw WAITS;
    // Whatever answers a load takes a store of the same width.
    return readRegister(this.state, at, width) !== undefined;
  }
}

/** The value of a register of a hart in a state. */
export function registerOf({ harts }: Pick<Inspected, "harts">, hart: number, key: RegisterKey): bigint {
  const { x = [], f = [], fields } = harts[hart] ?? {};
  const [, bank, index] = /^([xf])(\d+)$/.exec(key) ?? [];
  if (bank !== undefined) return (bank === "x" ? x : f)[Number(index)] ?? 0n;
  return fields?.[key as HartField] ?? 0n;
}
