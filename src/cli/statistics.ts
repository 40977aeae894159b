/** `--stats`: what a run did and cost, on standard error. */
import type { RunStatistics } from "../streams/session/run-statistics.js";
import type { Stdio } from "../streams/host/stdio.js";
import type { Arguments } from "./arguments.js";
import { UsageError } from "./problems.js";
import { bytes, count } from "./figures.js";

export const STATISTICS_OPTION = {
  stats: { value: "json", isOptional: true, help: "say what the run did and cost, as text or JSON on standard error" },
} as const;

type StatisticsArguments = Arguments<typeof STATISTICS_OPTION>;

/** Before anything runs. @throws {UsageError} */
export function checkStatistics(args: StatisticsArguments): void {
  const form = args.get("stats");
  if (form !== undefined && form !== "" && form !== "json") {
    throw new UsageError(`--stats=${form}: write --stats for text or --stats=json`);
  }
}

/** `read` is called only where somebody asked. */
export function sayStatistics(args: StatisticsArguments, { stderr }: Stdio, read: () => RunStatistics): void {
  if (!args.has("stats")) return;
  stderr.write(args.get("stats") === "json" ? `${JSON.stringify(read())}\n` : statisticsText(read()));
}

function statisticsText(statistics: RunStatistics): string {
  const { instructions, wallMs, cpuMs, mips, tiers, compiled, tlb, bus } = statistics;
  const { interpreterMs, decoded, statesTaken, hashesTaken } = statistics;
  const share = (part: number): string => `${((100 * part) / Math.max(instructions, 1)).toFixed(1)} %`;
  const rows: [string, string][] = [
    ["instructions", `${count(instructions)} in ${seconds(wallMs)}, CPU ${seconds(cpuMs)}, ${mips.toFixed(0)} MIPS`],
    ["interpreter", `${share(tiers.interpreter)}, ${count(decoded)} decoded; built in ${interpreterMs.toFixed(0)} ms`],
    ["compiled code", `${share(tiers.compiled)}, entered ${count(compiled.runs)} times`],
    [
      "compiled",
      `${count(compiled.compiled)} pieces in ${count(compiled.modulesCompiled)} modules of ` +
        `${bytes(compiled.moduleBytes)} in ${seconds(compiled.compileMs)}; ${count(compiled.dropped)} dropped, ` +
        `${count(compiled.restored)} came back, ${count(compiled.live)} live in ${count(compiled.modulesLive)}`,
    ],
    ["exits", most(compiled.exits)],
    [
      "TLB misses",
      `read ${count(tlb.read)}, write ${count(tlb.write)}, fetch ${count(tlb.fetch)}; ` +
        `${count(tlb.slowLoads)} slow loads, ${count(tlb.slowStores)} slow stores, ` +
        `${count(tlb.loneFetches)} lone fetches; forgotten ${count(tlb.flushes)} times`,
    ],
    ["exceptions", most(statistics.exceptions)],
    ["interrupts", most(statistics.interrupts)],
    ...Object.entries(bus).map(([name, access]): [string, string] => [
      name,
      `${count(access.loads)} loads, ${count(access.stores)} stores`,
    ]),
    ...hartRows(statistics),
    ["idle", `${seconds(statistics.idleMs)} of the guest's time`],
    ["events", most(statistics.events)],
    ["states", `${count(statesTaken)} taken, ${count(hashesTaken)} hashes`],
  ];
  return rows.map(([name, value]) => `foldvm: ${name.padEnd(14)}${value}\n`).join("");
}

/** One hart has all instructions, and no turns. */
const hartRows = ({ harts, instructions }: RunStatistics): [string, string][] =>
  harts.length === 1
    ? []
    : harts.map(({ instructions: own, turns }, hart): [string, string] => {
        const share = `${((100 * own) / Math.max(instructions, 1)).toFixed(1)} %`;
        return [`hart ${String(hart)}`, `${count(own)} instructions, ${share}; turns that ended ${most(turns)}`];
      });

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

const SHOWN = 8;

/** The largest first, and how many more there are. */
function most(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts)
    .filter(([, value]) => value > 0)
    .sort(([, a], [, b]) => b - a);
  if (sorted.length === 0) return "none";
  const total = sorted.reduce((sum, [, value]) => sum + value, 0);
  const shown = sorted.slice(0, SHOWN).map(([name, value]) => `${name} ${count(value)}`);
  const rest = sorted.slice(SHOWN).reduce((sum, [, value]) => sum + value, 0);
  return `${count(total)}: ${[...shown, ...(rest === 0 ? [] : [`others ${count(rest)}`])].join(", ")}`;
}
