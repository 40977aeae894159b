/** Numbers as people read them. */
export const counted = (count: number): string => Math.round(count).toLocaleString("en");

/** `12.07 M`: of an axis. */
export function short(count: number): string {
  for (const [unit, size] of UNITS) if (Math.abs(count) >= size) return `${trimmed((count / size).toFixed(3))} ${unit}`;
  return String(Math.round(count));
}

/** `0.008400 s`, as the monitor says it; short spans in smaller units. */
export function time(ns: bigint | number): string {
  const amount = Number(ns);
  if (amount >= 1e9) return `${(amount / 1e9).toFixed(6)} s`;
  if (amount >= 1e6) return `${trimmed((amount / 1e6).toFixed(6))} ms`;
  if (amount >= 1e3) return `${trimmed((amount / 1e3).toFixed(3))} µs`;
  return `${String(amount)} ns`;
}

/** A count of instructions as somebody types it: `8,400,291`, `8_400_291`, `12.5M`. Undefined: it is none. */
export function countOf(text: string): number | undefined {
  const match = /^(\d[\d,_ ]*(?:\.\d+)?)\s*([kKMG]?)$/.exec(text.trim());
  if (match === null) return undefined;
  const factor = { k: 1e3, K: 1e3, M: 1e6, G: 1e9 }[match[2] ?? ""] ?? 1;
  const count = Math.round(Number((match[1] ?? "").replace(/[,_ ]/g, "")) * factor);
  return Number.isSafeInteger(count) ? count : undefined;
}

export const hex = (value: bigint | number, digits = 16): string => value.toString(16).padStart(digits, "0");

const UNITS = [
  ["G", 1e9],
  ["M", 1e6],
  ["k", 1e3],
] as const;

const trimmed = (text: string): string => text.replace(/\.?0+$/, "");
