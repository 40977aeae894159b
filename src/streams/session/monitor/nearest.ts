/** What may have been meant by a name that is not there. */

const SHOWN = 4;
/** Of longer words only the beginnings count: a word is compared with each name of a kernel. */
const MAX_LETTERS = 64;

/** Those at the least distance by letters typed, left out or changed; the ones that begin with it come first. */
export function nearest(word: string, known: Iterable<string>): readonly string[] {
  const ranked = [...new Set(known)].map((name) => ({ name, cost: costOf(word, name) }));
  ranked.sort((a, b) => a.cost - b.cost || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, SHOWN).map(({ name }) => name);
}

/** `a, b or c`. */
export const orList = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;

const costOf = (word: string, name: string): number =>
  name.startsWith(word) ? (name.length - word.length) / 1000 : distance(beginningOf(word), beginningOf(name));

const beginningOf = (word: string): string => word.slice(0, MAX_LETTERS).toLowerCase();

/** Levenshtein's, a row at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const above = row;
    row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = (above[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(changed, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return row[to.length] ?? 0;
}
