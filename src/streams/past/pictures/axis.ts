/** An axis of virtual time: round instants with their labels, and where an instant is. */
import { element, textAt } from "./svg.js";

/** From the first to the last instant, in ns. */
export interface Span {
  readonly from: bigint;
  readonly until: bigint;
}

/** Where the plot is, in pixels. */
export interface Plot {
  readonly left: number;
  readonly width: number;
}

const STEPS = 8n;
const UNITS = [
  ["s", 1_000_000_000n],
  ["ms", 1_000_000n],
  ["µs", 1000n],
  ["ns", 1n],
] as const;

/** In the unit that its step is whole in, or that makes the number short. */
export function labelOf(ns: bigint, stepNs: bigint): string {
  const [unit, scale] = UNITS.find(([, one]) => (ns === 0n ? stepNs : ns) >= one) ?? UNITS[3];
  const fraction = String(ns % scale)
    .padStart(String(scale).length - 1, "0")
    .replace(/0+$/, "");
  return `${String(ns / scale)}${fraction === "" || scale === 1n ? "" : `.${fraction}`} ${unit}`;
}

/** A step of 1, 2 or 5 times a power of ten, such that there are STEPS of them at most. */
function stepOf({ from, until }: Span): bigint {
  const least = (until - from) / STEPS + 1n;
  const power = 10n ** BigInt(String(least).length - 1);
  return [1n, 2n, 5n, 10n].map((factor) => factor * power).find((step) => step >= least) ?? least;
}

/** In hundredths of a pixel, so that the same instant is the same text everywhere. */
export const xOf = (ns: bigint, { from, until }: Span, { left, width }: Plot): number =>
  (left * 100 + Number(((ns - from) * BigInt(width) * 100n) / (until > from ? until - from : 1n))) / 100;

/** Rules from `top` to `bottom`, and labels below. */
export function axis(
  span: Span,
  plot: Plot,
  { top, bottom }: { readonly top: number; readonly bottom: number },
): string[] {
  const step = stepOf(span);
  const drawn: string[] = [];
  for (let ns = ((span.from + step - 1n) / step) * step; ns <= span.until; ns += step) {
    const x = xOf(ns, span, plot);
    drawn.push(
      element("line", { class: "foldvm-rule", x1: x, x2: x, y1: top, y2: bottom }),
      textAt(x, bottom + 18, labelOf(ns, step), { class: "foldvm-faint", "text-anchor": "middle" }),
    );
  }
  return drawn;
}
