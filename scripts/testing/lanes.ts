// Work side by side: so much at a time as the machine has cores for.

/** Runs `count` lanes until `items` are used up: each takes the next one where it is ready for it. */
export const inLanes = async <T>(
  items: readonly T[],
  count: number,
  lane: (rest: Iterable<T>) => Promise<void>,
): Promise<void> => {
  const rest = items.values();
  await Promise.all(Array.from({ length: count }, () => lane(rest)));
};
