/** Where the bytes of two memories differ: stretches, without what lies in pages that are the same. */

/** From `start` on, before `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Pages {
  readonly pageCount: number;
  page(index: number): { readonly bytes: Uint8Array | null; readonly digest: bigint } | undefined;
}

/** Bytes that are the same between two that differ: fewer are no reason for two rows. */
const JOINED_BYTES = 8;

const ZEROS = new Uint8Array(4096);

/** The pages that may differ, ascending. A page is known by its object, else by its digest. */
export function* differingPages(a: Pages, b: Pages, candidates: Iterable<number>): Generator<number> {
  for (const index of candidates) {
    if (index >= a.pageCount || index >= b.pageCount) return;
    const [ours, theirs] = [a.page(index), b.page(index)];
    if (ours !== theirs && ours?.digest !== theirs?.digest) yield index;
  }
}

/** Within one page; offsets are from its start. */
export function* differingStretches(
  a: Uint8Array | null | undefined,
  b: Uint8Array | null | undefined,
): Generator<Stretch> {
  const [ours, theirs] = [a ?? ZEROS, b ?? ZEROS];
  let start = -1;
  let end = -1;
  for (let at = 0; at < ZEROS.length; at += 1) {
    if (ours[at] === theirs[at]) continue;
    if (start >= 0 && at - end > JOINED_BYTES) {
      yield { start, end };
      start = -1;
    }
    if (start < 0) start = at;
    end = at + 1;
  }
  if (start >= 0) yield { start, end };
}

/** What is left of a stretch where `holes`, in order and apart, are taken out. */
export function* without({ start, end }: Stretch, holes: readonly Stretch[]): Generator<Stretch> {
  let from = start;
  for (const hole of holes.slice(firstEndingAfter(holes, start))) {
    if (hole.start >= end) break;
    if (hole.start > from) yield { start: from, end: hole.start };
    from = Math.max(from, hole.end);
  }
  if (from < end) yield { start: from, end };
}

function firstEndingAfter(stretches: readonly Stretch[], place: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((stretches[middle]?.end ?? Infinity) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** In order, and those that touch made one. */
export function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of [...stretches].sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}
