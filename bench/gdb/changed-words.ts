/** Words that a part of a Debian boot has changed, by the addresses at which its kernel has all memory. */
import { at, type Recording } from "../../dist/index.js";
import type { Random } from "../../test/support/seeded-random.js";

const PAGE_BYTES = 4096;
const WORD_BYTES = 8;
/** Of Linux with Sv39: where physical memory begins in the direct map. */
const PAGE_OFFSET = 0xffff_ffd6_0000_0000n;

/** Some word of each page that was changed. */
export function changedWords(
  recording: Recording,
  { from, until }: { readonly from: number; readonly until: number },
  random: Random,
): readonly bigint[] {
  const [before, after] = [at(recording, from).state.ram, at(recording, until).state.ram];
  return [...after.difference(before)].flatMap((page) => {
    const [old, now] = [before, after].map((ram) => ram.read(page * PAGE_BYTES, PAGE_BYTES));
    const changed = Array.from({ length: PAGE_BYTES / WORD_BYTES }, (_, index) => WORD_BYTES * index).filter((offset) =>
      Array.from({ length: WORD_BYTES }, (_byte, index) => offset + index).some((byte) => now?.[byte] !== old?.[byte]),
    );
    const offset = changed[random(Math.max(1, changed.length))];
    return offset === undefined ? [] : [PAGE_OFFSET + BigInt(page * PAGE_BYTES + offset)];
  });
}
