/** Delta debugging: the fewest of some items with which something still holds. */

/** Answers whether it holds with these. It is asked about fewer and fewer. */
export type Holds<T> = (kept: readonly T[]) => Generator<undefined, boolean>;

/**
 * Takes items away, in ever smaller pieces and from the end on, as long as it holds (ddmin by complements; Zeller and
 * Hildebrandt, 2002). What is left is minimal: without any single one of them it does not hold.
 */
export function* reduced<T>(items: readonly T[], holds: Holds<T>): Generator<undefined, readonly T[]> {
  if (items.length > 0 && (yield* holds([]))) return [];
  let kept = items;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    let isAny: boolean;
    do {
      const before = kept.length;
      kept = yield* withoutPieces(kept, size, holds);
      isAny = kept.length < before;
      // What could not go may go, now that others have gone.
    } while (isAny && size === 1);
  }
  return kept;
}

function* withoutPieces<T>(items: readonly T[], size: number, holds: Holds<T>): Generator<undefined, readonly T[]> {
  let kept = items;
  for (let end = kept.length; end > 0; end -= size) {
    const start = Math.max(0, end - size);
    const fewer = [...kept.slice(0, start), ...kept.slice(end)];
    if (fewer.length > 0 && (yield* holds(fewer))) kept = fewer;
  }
  return kept;
}

/** The least number from `least` to `most` with which it holds, if that goes by halves; it holds with `most`. */
export function* lessened(
  least: number,
  most: number,
  holds: (value: number) => Generator<undefined, boolean>,
): Generator<undefined, number> {
  let [low, high] = [least, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (yield* holds(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}
