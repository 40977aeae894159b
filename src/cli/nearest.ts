/** The word that somebody may have meant. */

const MAX_TYPOS = 2;
/** A word may also be the beginning of what was meant. */
const SHORTEST_BEGINNING = 3;

/** Of the known words, the nearest one to a mistyped one; undefined: none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const begun = word.length < SHORTEST_BEGINNING ? undefined : known.find((candidate) => candidate.startsWith(word));
  if (begun !== undefined) return begun;
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= MAX_TYPOS && distance < candidate.length)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
