/** Runs a row: every subject once a round, in turn, and the median of each. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { infoCommand, scheduleCommand } from "./emulators.js";
import { measure, type Cost } from "./measured-process.js";
import type { Figure, Medians, Row, Subject } from "./row.js";
import { median } from "./statistics.js";

export interface RowResult {
  readonly name: string;
  readonly title: string;
  readonly kind: Row["kind"];
  readonly subjects: Readonly<Record<string, Medians>>;
  readonly figures: readonly Figure[];
  /** Subject to what went wrong with it; its figures are then undefined. */
  readonly failures: Readonly<Record<string, string>>;
}

export interface RowOptions {
  readonly runs: number;
  readonly available: (emulator: Subject["emulator"]) => boolean;
  readonly report: (line: string) => void;
}

export const runRow = async (row: Row, options: RowOptions): Promise<RowResult> => {
  const costs = new Map<string, Cost[]>();
  const failures: Record<string, string> = {};
  const counts = new Map<string, Counts>();
  for (let round = 1; round <= options.runs; round++) {
    for (const subject of row.subjects) {
      if (!options.available(subject.emulator) || failures[subject.name] !== undefined) continue;
      options.report(`${row.name}: ${subject.name}, run ${String(round)} of ${String(options.runs)}`);
      try {
        if (subject.logPath !== undefined) rmSync(subject.logPath, { force: true });
        costs.set(subject.name, [...(costs.get(subject.name) ?? []), await measure(subject)]);
        counts.set(subject.name, countsOf(subject));
      } catch (error) {
        failures[subject.name] = error instanceof Error ? error.message : String(error);
        costs.delete(subject.name);
      }
    }
  }
  const subjects: Record<string, Medians> = {};
  for (const [name, list] of costs) subjects[name] = mediansOf(list, counts.get(name));
  const { name, title, kind } = row;
  return { name, title, kind, subjects, failures, figures: row.figures((subject) => subjects[subject]) };
};

/** What is told by the log, and was asked for. */
type Counts = Pick<Medians, "instructions" | "deviations">;

const countsOf = ({ logPath, countInstructions, countDeviations }: Subject): Counts => ({
  instructions: logPath !== undefined && countInstructions === true ? instructionsOf(logPath) : undefined,
  deviations: logPath !== undefined && countDeviations === true ? deviationsOf(logPath) : undefined,
});

const mediansOf = (costs: readonly Cost[], counts: Counts | undefined): Medians => {
  const known = (pick: (cost: Cost) => number | undefined): number | undefined =>
    median(costs.map(pick).filter((value) => value !== undefined));
  const marks = Object.keys(costs[0]?.logMarks ?? {});
  return {
    wallMs: known((cost) => cost.wallMs) ?? NaN,
    cpuMs: known((cost) => cost.cpuMs) ?? NaN,
    peakRssBytes: known((cost) => cost.peakRssBytes),
    logBytes: known((cost) => cost.logBytes),
    logMarks: Object.fromEntries(marks.map((mark) => [mark, known((cost) => cost.logMarks[mark]) ?? NaN])),
    instructions: counts?.instructions,
    deviations: counts?.deviations,
  };
};

const instructionsOf = (log: string): number => {
  const [program = "", ...words] = infoCommand(log);
  const info: unknown = JSON.parse(execFileSync(program, words, { encoding: "utf8" }));
  const value: unknown = typeof info === "object" && info !== null && "instructions" in info ? info.instructions : "";
  const count = Number(value);
  if (!(count > 0)) throw new Error(`foldvm info ${log} --json tells no instructions`);
  return count;
};

/** A line each. */
const deviationsOf = (log: string): number => {
  const [program = "", ...words] = scheduleCommand(log);
  const lines = execFileSync(program, words, { encoding: "utf8", maxBuffer: MOST_SCHEDULE_BYTES });
  return lines.split("\n").length - 1;
};

const MOST_SCHEDULE_BYTES = 1 << 28;
