/** Which instructions a width of pixels shows. Pure: what zooms and drags makes another one of it. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

/** Instructions; nearer nobody can look at anything. */
const MIN_SPAN = 16;

export const spanOf = ({ from, until }: Window): number => until - from;

export const xOf = (icount: number, window: Window, width: number): number =>
  ((icount - window.from) / spanOf(window)) * width;

export const icountAt = (x: number, window: Window, width: number): number =>
  window.from + (x / Math.max(1, width)) * spanOf(window);

/** Inside 0 to `length`, and not too narrow. */
export function within(window: Window, length: number): Window {
  const limit = Math.max(length, MIN_SPAN);
  const span = Math.min(Math.max(spanOf(window), MIN_SPAN), limit);
  const from = Math.min(Math.max(window.from, 0), limit - span);
  return { from, until: from + span };
}

/** `factor` below 1 comes nearer; `around` stays where it is. */
export function zoomed(window: Window, factor: number, around: number, length: number): Window {
  const span = Math.min(Math.max(spanOf(window) * factor, MIN_SPAN), Math.max(length, MIN_SPAN));
  const share = (around - window.from) / spanOf(window);
  const from = around - share * span;
  return within({ from, until: from + span }, length);
}

export const moved = (window: Window, by: number, length: number): Window =>
  within({ from: window.from + by, until: window.until + by }, length);

/** The same where the instruction is in view already; otherwise it comes to the middle. */
export function showing(window: Window, icount: number, length: number): Window {
  if (icount >= window.from && icount <= window.until) return window;
  return moved(window, icount - (window.from + window.until) / 2, length);
}

/** A step of 1, 2 or 5 times a power of ten, so that two lines are some `apart` pixels from each other. */
export function stepOf(window: Window, width: number, apart: number): number {
  const least = (spanOf(window) / Math.max(1, width)) * apart;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  for (const times of [1, 2, 5]) if (power * times >= least) return power * times;
  return power * 10;
}
