/** Benchmark results as a table for people. */
import { meets, type Figure, type Medians, type Target } from "./row.js";
import type { RowResult } from "./run-row.js";

/** One row's lines: what each process cost, then each figure with the targets it has. */
export const rowLines = (result: RowResult): readonly string[] => [
  "",
  `${result.name}: ${result.title}`,
  ...Object.entries(result.subjects).map(([name, medians]) => `  ${name.padEnd(24)} ${costText(medians)}`),
  ...result.figures.map((figure) => `  ${figureLine(figure)}`),
  ...Object.entries(result.failures).map(([name, why]) => `  FAILED ${name}: ${why.trimEnd()}`),
];

export const figureLine = (figure: Figure): string =>
  `${figure.name.padEnd(36)} ${valueText(figure).padStart(14)}   ${(figure.targets ?? [])
    .map((target) => verdict(figure.value, target))
    .join("; ")}`.trimEnd();

const costText = ({ cpuMs, wallMs, peakRssBytes, logBytes }: Medians): string =>
  [
    `CPU ${seconds(cpuMs)}`,
    `wall ${seconds(wallMs)}`,
    ...(peakRssBytes === undefined ? [] : [`peak ${(peakRssBytes / 1e6).toFixed(0)} MB`]),
    ...(logBytes === undefined ? [] : [`log ${logBytes.toLocaleString("en")} B`]),
  ].join("  ");

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(3)} s`.padStart(9);

const valueText = ({ value, unit }: Figure): string => {
  if (value === undefined) return "not measured";
  if (unit === "B") return `${value.toLocaleString("en", { maximumFractionDigits: 0 })} B`;
  return `${value.toFixed(unit === "x" || unit === "s" ? 2 : 0)} ${unit}`.trimEnd();
};

const verdict = (value: number | undefined, target: Target): string => {
  const limit =
    target.atLeast === undefined ? `at most ${number(target.atMost)}` : `at least ${number(target.atLeast)}`;
  return `${value === undefined ? "?" : meets(value, target) ? "ok" : "MISSES"} ${limit}`;
};

const number = (value: number | undefined): string =>
  value === undefined ? "?" : Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(2);
