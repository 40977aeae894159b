/** Words in the ruler that say where a recording parts from another: none is cut off, none covers another. */
import { spanOf, xOf } from "../model/scale.js";
import type { State } from "../model/state.js";

export interface Sign {
  /** Where it parts. */
  readonly x: number;
  /** Of the words; right of them there is nothing of theirs. */
  readonly left: number;
  readonly right: number;
  readonly text: string;
}

const GAP = 8;

/** Of those that part in view. Who finds no room has no words, and its line all the same. */
export function signsOf(
  { partings, recordings, window, axis }: Pick<State, "partings" | "recordings" | "window" | "axis">,
  width: number,
  letter: number,
): readonly Sign[] {
  const signs: Sign[] = [];
  if (spanOf(window) <= 0) return signs;
  for (const { b, at } of partings) {
    if (at[axis] < window.from || at[axis] > window.until) continue;
    const x = Math.round(xOf(at[axis], window, width)) + 0.5;
    const words = `${recordings[b]?.name ?? ""} parts here`;
    const size = words.length * letter;
    const left = [x + GAP, x - GAP - size].find(
      (from) =>
        from >= 0 && from + size <= width && !signs.some((sign) => from < sign.right && from + size > sign.left),
    );
    signs.push(left === undefined ? { x, left: x, right: x, text: "" } : { x, left, right: left + size, text: words });
  }
  return signs;
}
