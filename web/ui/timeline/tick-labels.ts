/** The words beside ticks of a lane: right of each, up to the next one; of the last one left where there is no room. */

export interface Tick {
  readonly x: number;
  readonly text: string;
}

export interface TickLabel {
  readonly text: string;
  readonly from: number;
  /** Where the room for it ends. */
  readonly until: number;
}

const GAP = 4;

export function labelsOf(ticks: readonly Tick[], width: number, letter: number): readonly TickLabel[] {
  const last = ticks.at(-1);
  const before = ticks.at(-2)?.x ?? 0;
  const size = (last?.text.length ?? 0) * letter + GAP;
  const isLeft = last !== undefined && last.x + size > width && last.x - size - GAP > before;
  return ticks.map(({ x, text }, index) => {
    const next = ticks[index + 1];
    if (next !== undefined) {
      const isBeforeLeft = isLeft && index === ticks.length - 2;
      return { text, from: x + GAP, until: isBeforeLeft ? next.x - size - GAP : next.x };
    }
    return isLeft ? { text, from: x - size, until: x + GAP } : { text, from: x + GAP, until: width };
  });
}
