/** Where a virtual address lies, for whoever only looks: no trap, no access bit, no PMP (Sv39: privileged spec, §4.4). */
import { PRIVILEGE } from "./mstatus.js";

const LEVELS = 3;
const PPN_MASK = (1n << 44n) - 1n;
const PTE_VALID = 1n;
/** R or X: a leaf. */
const PTE_LEAF = 0b1010n;

export interface AddressSpace {
  readonly privilege: bigint;
  readonly satp: bigint;
}

/** `loadEntry` answers 8 bytes at a physical address. Undefined: nothing is mapped there. */
export function physicalAddress(
  { privilege, satp }: AddressSpace,
  virtual: bigint,
  loadEntry: (physical: bigint) => bigint | undefined,
): bigint | undefined {
  if (privilege === PRIVILEGE.machine || satp >> 60n === 0n) return virtual;
  let table = satp & PPN_MASK;
  for (let level = LEVELS - 1; level >= 0; level -= 1) {
    const shift = BigInt(12 + 9 * level);
    const entry = loadEntry((table << 12n) + (((virtual >> shift) & 0x1ffn) << 3n));
    if (entry === undefined || (entry & PTE_VALID) === 0n) return undefined;
    const number = (entry >> 10n) & PPN_MASK;
    if ((entry & PTE_LEAF) === 0n) {
      table = number;
      continue;
    }
    const within = (1n << shift) - 1n;
    return ((number << 12n) & ~within) | (virtual & within);
  }
  return undefined;
}
