/** Watches what the guest prints for texts, and calls for the first. */
import { TextSearch } from "../time/text-search.js";

/** Calls with the first of the texts that is complete, once, and with the one first named where two end together. */
export const textWatch = <Name extends string>(
  texts: Readonly<Partial<Record<Name, string | undefined>>>,
  found: (name: Name) => void,
): ((bytes: Uint8Array) => void) => {
  const searches = (Object.entries(texts) as [Name, string | undefined][]).flatMap(([name, text]) =>
    text === undefined || text === "" ? [] : [{ name, search: new TextSearch(text) }],
  );
  let isDone = false;
  return (bytes) => {
    if (isDone) return;
    const [first] = searches
      .map(({ name, search }) => ({ name, end: search.endIn(bytes) ?? Infinity }))
      .filter(({ end }) => end !== Infinity)
      .sort((a, b) => a.end - b.end);
    if (first === undefined) return;
    isDone = true;
    found(first.name);
  };
};
