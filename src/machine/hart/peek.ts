/** Translates a virtual address for inspection: no trap, no permissions, no access bit, no PMP. */
import { BigintArithmetic } from "./bigint-arithmetic.js";
import { isBare, walk } from "./sv39.js";

export interface AddressSpace {
  readonly privilege: bigint;
  readonly satp: bigint;
}

/** The 8 bytes at a physical address; undefined if there is no memory. */
export type EntryLoader = (physical: bigint) => bigint | undefined;

/** Undefined: nothing is mapped there. */
export function physicalAddress(
  { privilege, satp }: AddressSpace,
  virtual: bigint,
  loadEntry: EntryLoader,
): bigint | undefined {
  const look = new Look(loadEntry);
  if (isBare(look, satp, privilege)) return virtual;
  let found: bigint | undefined;
  try {
    walk(look, satp, virtual, {
      beforeRead: () => undefined,
      unmapped: () => {
        throw UNMAPPED;
      },
      found: (_leaf, _address, physical) => {
        found = physical;
      },
    });
  } catch (reason) {
    if (reason !== UNMAPPED) throw reason;
  }
  return found;
}

/** Ends a walk, as a trap does on a hart. */
const UNMAPPED = new Error("nothing is mapped there");

class Look extends BigintArithmetic {
  constructor(private readonly loadEntry: EntryLoader) {
    super();
  }

  physicalLoad(address: bigint): bigint {
    const entry = this.loadEntry(address);
    if (entry === undefined) throw UNMAPPED;
    return entry;
  }

  notePageTable(): void {}
}
