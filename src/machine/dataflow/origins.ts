/** What an instruction reads, byte by byte, and sets of that. */
import type { HartField } from "../hart/fields.js";
import type { HartInput } from "../hart/system-ops.js";

/** One byte of what a hart reads, as it is before the instruction. Equal ones are the same object within one deed. */
export type Origin =
  | { readonly kind: "x" | "f"; readonly register: number; readonly byte: number }
  | { readonly kind: "field"; readonly name: HartField; readonly byte: number }
  /** `address`: physical, of the byte itself. `virtual`: as the hart sees it; undefined: of a page table. */
  | { readonly kind: "memory"; readonly address: number; readonly virtual: bigint | undefined }
  /** What a load from a device answered. `address`: physical, of the register. */
  | { readonly kind: "device"; readonly address: number; readonly width: number; readonly byte: number }
  | { readonly kind: "input"; readonly name: HartInput };

export type Origins = ReadonlySet<Origin>;

export const NONE: Origins = new Set();

/** Most sets are empty, or the same. */
export function union(...sets: readonly Origins[]): Origins {
  let all = NONE;
  let own: Set<Origin> | undefined;
  for (const set of sets) {
    if (set.size === 0 || set === all) continue;
    if (all.size === 0) {
      all = set;
      continue;
    }
    own ??= new Set(all);
    for (const origin of set) own.add(origin);
    all = own;
  }
  return all;
}

/** Makes each origin once. */
export class OriginPool {
  private readonly made = new Map<string, Origins>();

  of(key: string, make: () => Origin): Origins {
    let found = this.made.get(key);
    if (found === undefined) {
      found = new Set([make()]);
      this.made.set(key, found);
    }
    return found;
  }
}
