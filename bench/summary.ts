/** What no single row says: the geometric mean over the compute programs. */
import type { Figure } from "./row.js";
import type { RowResult } from "./run-row.js";
import { geometricMean, ratio } from "./statistics.js";

export const summaryFigures = (results: readonly RowResult[]): readonly Figure[] => {
  const compute = results.filter(({ kind }) => kind === "compute");
  const mean = (cost: "cpuMs" | "wallMs"): number | undefined =>
    geometricMean(
      compute
        .map(({ subjects }) => ratio(subjects["QEMU record"]?.[cost], subjects["ours record"]?.[cost]))
        .filter((value) => value !== undefined),
    );
  return [
    {
      ...{ name: `geometric mean of ${String(compute.length)}, CPU`, value: mean("cpuMs"), unit: "x" },
      targets: [{ engine: "compiler", atLeast: 2.5 }],
    },
    { name: `geometric mean of ${String(compute.length)}, wall`, value: mean("wallMs"), unit: "x" },
  ];
};
