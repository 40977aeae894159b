/** The word that was probably meant. */

const MAX_TYPOS = 2;

/** Undefined where none is near: a beginning of one, or at most a third of it, and few letters, written otherwise. */
export const nearestOf = (word: string, words: readonly string[]): string | undefined => {
  const small = word.toLowerCase();
  const begun = words.filter((other) => small.length > 1 && other.toLowerCase().startsWith(small));
  if (begun.length === 1) return begun[0];
  const [first] = byNearness(word, words, distanceOf);
  if (first === undefined) return undefined;
  const typos = Math.min(MAX_TYPOS, Math.max(1, Math.floor(first.word.length / 3)));
  return first.distance <= typos ? first.word : undefined;
};

/** The nearest first, at most `most`: those that begin with the word, then those with the fewest letters otherwise. */
export const nearestWords = (word: string, words: Iterable<string>, most = 4): readonly string[] =>
  byNearness(word, words, costOf)
    .slice(0, most)
    .map(({ word: other }) => other);

/** `a, b or c`. */
export const orList = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;

interface Near {
  readonly word: string;
  readonly distance: number;
}

const byNearness = (
  word: string,
  words: Iterable<string>,
  measure: (from: string, to: string) => number,
): readonly Near[] => {
  const small = word.toLowerCase();
  return [...new Set(words)]
    .map((other) => ({ word: other, distance: measure(small, other.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.word < b.word ? -1 : 1));
};

/** Letters that are yet to be typed cost next to nothing. */
const costOf = (word: string, other: string): number =>
  word !== "" && other.startsWith(word) ? (other.length - word.length) / 1000 : distanceOf(word, other);

/**
 * How many letters must be put in, taken out, replaced, or changed places with the next. Of long words only the
 * beginnings count.
 */
const distanceOf = (from: string, to: string): number => {
  const [a, b] = [from.slice(0, MAX_LETTERS), to.slice(0, MAX_LETTERS)];
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(changed, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
};

/** A word is compared with each name of a kernel. */
const MAX_LETTERS = 64;
