/** A line of what was measured. */

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

export const shown = (ms: number): string => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;

/** Half of them, and nearly all. */
export const shownBoth = (values: readonly number[]): string =>
  `${shown(percentile(values, 0.5))}, ${shown(percentile(values, 0.95))}`;

export const row = (name: string, what: string, figure: string, asked: string): void => {
  console.log(`${name.padEnd(10)}${what.padEnd(64)}${figure.padStart(20)}   ${asked}`);
};
