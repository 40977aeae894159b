/** What no single row says: means over the rows, the worst of them, and how many targets are met. */
import { meets, type Figure, type Target } from "./row.js";
import type { RowResult } from "./run-row.js";
import { geometricMean, ratio } from "./statistics.js";

export const summaryFigures = (results: readonly RowResult[]): readonly Figure[] => {
  const compute = results.filter(({ kind }) => kind === "compute");
  const ratios = (rows: readonly RowResult[], above: string, below: string, cost: "cpuMs" | "wallMs"): number[] =>
    rows
      .map(({ subjects }) => ratio(subjects[above]?.[cost], subjects[below]?.[cost]))
      .filter((value) => value !== undefined);
  const mean = (rows: readonly RowResult[], above: string, below: string, cost: "cpuMs" | "wallMs" = "cpuMs") =>
    geometricMean(ratios(rows, above, below, cost));
  const timed = results.filter(({ kind }) => kind !== "log");
  const every = ratios(timed, "QEMU record", "ours record", "cpuMs");
  const what = `geometric mean of ${String(compute.length)}`;
  return [
    figure(`${what}, CPU`, mean(compute, "QEMU record", "ours record"), { atLeast: 2.8 }),
    figure(`${what}, wall`, mean(compute, "QEMU record", "ours record", "wallMs")),
    figure("the worst row, CPU", every.length === 0 ? undefined : Math.min(...every), { atLeast: 1.1 }),
    figure("plain run / record, mean", mean(timed, "ours run", "ours record"), { atLeast: 0.97 }),
    figure("record / replay, mean", mean(timed, "ours record", "ours replay"), { atLeast: 1 }),
  ];
};

/** How many targets are met, and which are not. */
export const targetLines = (results: readonly RowResult[], summary: readonly Figure[]): readonly string[] => {
  const all = [
    ...results.flatMap(({ name, figures }) => figures.map((one) => ({ row: name, ...one }))),
    ...summary.map((one) => ({ row: "summary", ...one })),
  ].flatMap(({ row, name, value, targets = [] }) =>
    value === undefined ? [] : targets.map((target) => ({ isMet: meets(value, target), text: `${row}: ${name}` })),
  );
  const missed = all.filter(({ isMet }) => !isMet);
  return [
    `${String(all.length - missed.length)} of ${String(all.length)} targets met`,
    ...missed.map(({ text }) => `  missed  ${text}`),
  ];
};

const figure = (name: string, value: number | undefined, target?: Target): Figure => ({
  ...{ name, value, unit: "x" },
  ...(target === undefined ? {} : { targets: [target] }),
});
