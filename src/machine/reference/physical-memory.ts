/** RAM and ROM by physical address, one byte at a time. Records which pages of RAM were written. */
import { DRAM_BASE, MEMORY_MAP } from "../memory-map.js";
import { RAM_PAGE_BYTES } from "../ram.js";

const RAM_BASE = BigInt(DRAM_BASE);
const ROM_BASE = BigInt(MEMORY_MAP.mrom.base);

export class PhysicalMemory {
  readonly ram: Uint8Array;
  readonly rom = new Uint8Array(MEMORY_MAP.mrom.sizeBytes);

  constructor(
    ramBytes: number,
    private readonly written: (page: number) => void,
  ) {
    this.ram = new Uint8Array(ramBytes);
  }

  isRam(address: bigint, bytes: number): boolean {
    const offset = address - RAM_BASE;
    return offset >= 0n && offset + BigInt(bytes) <= BigInt(this.ram.length);
  }

  isMemory(address: bigint): boolean {
    const offset = address - ROM_BASE;
    return this.isRam(address, 1) || (offset >= 0n && offset < BigInt(this.rom.length));
  }

  /** Only for memory: other addresses have no bytes. */
  byte(address: bigint): number {
    const from = this.isRam(address, 1) ? this.ram[Number(address - RAM_BASE)] : this.rom[Number(address - ROM_BASE)];
    if (from === undefined) throw new RangeError("there is no memory at this address");
    return from;
  }

  /** ROM ignores writes silently. */
  setByte(address: bigint, value: number): void {
    if (!this.isRam(address, 1)) return;
    const offset = Number(address - RAM_BASE);
    this.ram[offset] = value;
    this.written(Math.floor(offset / RAM_PAGE_BYTES));
  }

  /** Little-endian, from these bytes. */
  load(addresses: readonly bigint[]): bigint {
    return addresses.reduceRight((value, address) => (value << 8n) | BigInt(this.byte(address)), 0n);
  }

  store(addresses: readonly bigint[], value: bigint): void {
    addresses.forEach((address, index) => {
      this.setByte(address, Number((value >> BigInt(8 * index)) & 0xffn));
    });
  }
}

/** The addresses of `bytes` bytes, beginning with `first`. */
export const addressesFrom = (first: bigint, bytes: number): bigint[] =>
  Array.from({ length: bytes }, (_, index) => first + BigInt(index));
