/** The word that was probably meant. */

/** Undefined where none is near: a beginning of one, or at most a third of it written otherwise. */
export const nearestOf = (word: string, words: readonly string[]): string | undefined => {
  const small = word.toLowerCase();
  const begun = words.filter((other) => small.length > 1 && other.toLowerCase().startsWith(small));
  if (begun.length === 1) return begun[0];
  const [first] = words
    .map((other) => ({ other, distance: distanceOf(small, other.toLowerCase()) }))
    .filter(({ other, distance }) => distance <= Math.max(1, Math.floor(other.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return first?.other;
};

/**
 * How many letters must be put in, taken out, replaced, or changed places with the next. Of long words only the
 * beginnings count.
 */
const distanceOf = (from: string, to: string): number => {
  const [a, b] = [from.slice(0, MAX_LETTERS), to.slice(0, MAX_LETTERS)];
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(changed, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(a.length, b.length);
};

const MAX_LETTERS = 64;
