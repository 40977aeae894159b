/** A kernel's circular lists (`struct list_head`), walked as far as they hold together. */
import type { KernelMemory } from "./kernel-memory.js";

export interface Walked {
  /** Addresses of what the list's heads are in. */
  readonly entries: readonly bigint[];
  /** False: it does not come back to its head, as while it is changed; or it has more than that. */
  readonly isWhole: boolean;
}

/** `offset`: of the `list_head` within an entry. */
export function walkList(memory: KernelMemory, head: bigint, offset: number, most: number): Walked {
  const entries: bigint[] = [];
  const seen = new Set([head]);
  for (let at = memory.u64(head); ; at = memory.u64(at)) {
    if (at === head) return { entries, isWhole: true };
    if (at === undefined || seen.has(at) || entries.length >= most) return { entries, isWhole: false };
    seen.add(at);
    entries.push(BigInt.asUintN(64, at - BigInt(offset)));
  }
}
