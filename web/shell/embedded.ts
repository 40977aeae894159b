/**
 * What was put into the page itself: compressed, as base64, in elements that are no scripts of the page's. A file has
 * as many of them as it is long, so that neither who parses the page nor who takes the file out of it is long at it.
 */
import { atNextTurn } from "../../src/streams/time/next-turn.js";

const taken = new Map<string, Promise<Blob>>();

/** The base64 of a file, empty where there is none. Its elements are gone then: it is in memory once. */
export function embedded(id: string): Promise<Blob> {
  let file = taken.get(id);
  if (file === undefined) taken.set(id, (file = takenOut(id)));
  return file;
}

async function takenOut(id: string): Promise<Blob> {
  const pieces: Blob[] = [];
  for (;;) {
    const element = document.getElementById(`${id}-${String(pieces.length)}`);
    if (element === null) return new Blob(pieces);
    pieces.push(new Blob([element.textContent]));
    element.remove();
    await new Promise<void>((resolve) => void atNextTurn(resolve));
  }
}

/** As text, where it is no more than a description. */
export const embeddedText = (id: string): string | undefined => document.getElementById(id)?.textContent ?? undefined;
