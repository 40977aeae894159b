/** Watches what the guest prints for texts, wherever the pieces of the output are cut. */

/** Calls with the first of the texts that is complete, once, and with the one first named where two end together. */
export const textWatch = <Name extends string>(
  texts: Readonly<Partial<Record<Name, string | undefined>>>,
  found: (name: Name) => void,
): ((bytes: Uint8Array) => void) => {
  // One character a byte, so that a text is found as its UTF-8 bytes.
  const wanted = (Object.entries(texts) as [Name, string | undefined][]).flatMap(([name, text]) =>
    text === undefined || text === "" ? [] : [{ name, text: Buffer.from(text).toString("latin1") }],
  );
  const keep = Math.max(0, ...wanted.map(({ text }) => text.length - 1));
  let seen = "";
  let isDone = wanted.length === 0;
  return (bytes) => {
    if (isDone) return;
    seen += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const [first] = wanted
      .map(({ name, text }) => ({ name, end: endOf(seen, text) }))
      .filter(({ end }) => end !== Infinity)
      .sort((a, b) => a.end - b.end);
    if (first !== undefined) {
      isDone = true;
      found(first.name);
    }
    seen = keep === 0 ? "" : seen.slice(-keep);
  };
};

const endOf = (seen: string, text: string): number => {
  const start = seen.indexOf(text);
  return start < 0 ? Infinity : start + text.length;
};
