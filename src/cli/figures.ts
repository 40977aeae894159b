/** Figures for people. */
import type { Rate } from "../streams/chaos/rate.js";

/** By hand: the first use of a locale takes 30 ms, a tenth of a short run. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** With its noun. */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`;

export const bytes = (value: number): string =>
  value < 10_000
    ? counted(value, "byte")
    : value < 10_000_000
      ? `${(value / 1000).toFixed(1)} kB`
      : `${(value / 1e6).toFixed(1)} MB`;

/** How long, and how fast; of a guest that was mostly idle, only how long. */
export const speed = (instructions: number, elapsedMs: number): string => {
  const mips = (instructions / Math.max(elapsedMs, 0.01) / 1000).toFixed(0);
  return `${(elapsedMs / 1000).toFixed(2)} s${mips === "0" ? "" : `, ${mips} MIPS`}`;
};

/** How often something happened, and in which range the true rate is. */
export const likely = ({ rate, interval: [least, most] }: Rate): string =>
  `${percent(rate)} (95 %: ${percent(least)} to ${percent(most)})`;

const percent = (rate: number): string => `${(100 * rate).toFixed(1)} %`;

export const place = ({ seq, icount }: { readonly seq: number; readonly icount: number }): string =>
  `instruction ${count(icount)}, event ${count(seq)}`;
