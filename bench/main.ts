/**
 * `npm run bench`: our recordings and QEMU's of the same guests, in turn, as whole processes, with what must be
 * reached.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cachedDebianImages } from "../scripts/debian/debian-images.js";
import { debianRows } from "./debian-rows.js";
import { hasFoldvm, hasQemu } from "./emulators.js";
import { debianHartsRows } from "./harts-rows.js";
import { huntRow } from "./hunt-row.js";
import { logRows } from "./log-rows.js";
import { programRows } from "./program-rows.js";
import { meets, type Figure, type Row } from "./row.js";
import { runRow, type RowResult } from "./run-row.js";
import { summaryFigures, targetLines } from "./summary.js";
import { figureLine, rowLines } from "./table.js";

const USAGE = `usage: npm run bench -- [options]
Runs every row on foldvm and on QEMU 7.2 (where installed), in turn, and prints medians, ratios and targets.
  --runs N         rounds of each row (default 5)
  --filter REGEX   only rows whose name matches
  --only SIDE      foldvm or qemu: leave the other out
  --list           print the rows' names and end
  --json           the results as JSON on standard output, without the table
  --strict         exit with 1 also when a target is missed
Exit code: 0; 1 when a process failed or printed a wrong checksum; 2 for a wrong option.
The Debian rows need its images: npm run debian:fetch.`;

const parse = (words: readonly string[]) =>
  parseArgs({
    args: [...words],
    options: {
      runs: { type: "string", default: "5" },
      filter: { type: "string", default: "" },
      only: { type: "string" },
      list: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  }).values;

type Options = ReturnType<typeof parse>;

const report = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const main = async (words: readonly string[]): Promise<number> => {
  let options: Options;
  let filter: RegExp;
  try {
    options = parse(words);
    filter = new RegExp(options.filter);
    if (!/^[1-9]\d*$/.test(options.runs)) throw new Error(`--runs ${options.runs}: not a number above 0`);
    if (options.only !== undefined && !["foldvm", "qemu"].includes(options.only))
      throw new Error(`--only ${options.only}: neither foldvm nor qemu`);
  } catch (error) {
    report(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const work = mkdtempSync(join(tmpdir(), "foldvm-bench-"));
  process.once("exit", () => {
    rmSync(work, { recursive: true, force: true });
  });
  const rows = (await allRows(work)).filter(({ name }) => filter.test(name));
  if (!options.list) return runRows(rows, options);
  process.stdout.write(rows.map(({ name, title }) => `${name.padEnd(14)} ${title}\n`).join(""));
  return 0;
};

const allRows = async (work: string): Promise<readonly Row[]> => {
  const images = await cachedDebianImages();
  if (images === undefined) report("no Debian rows: its images are not in the cache (npm run debian:fetch)");
  const debian = images === undefined ? [] : [...debianRows(images, work), ...debianHartsRows(images, work)];
  return [...programRows(work), ...debian, ...logRows(work), huntRow(work)];
};

const runRows = async (rows: readonly Row[], options: Options): Promise<number> => {
  if (rows.length === 0) {
    report(`no row matches ${options.filter}`);
    return 2;
  }
  const available = {
    foldvm: options.only !== "qemu" && hasFoldvm(),
    qemu: options.only !== "foldvm" && hasQemu(),
  };
  if (options.only === undefined && !available.foldvm) report("foldvm is not built: QEMU alone (npm run build)");
  if (options.only === undefined && !available.qemu) report("QEMU is not installed: foldvm alone");
  const results: RowResult[] = [];
  for (const row of rows) {
    const runs = Number(options.runs);
    const result = await runRow(row, { runs, available: (emulator) => available[emulator], report });
    results.push(result);
    if (!options.json) process.stdout.write(`${rowLines(result).join("\n")}\n`);
  }
  const summary = summaryFigures(results);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ rows: results, summary }, undefined, 2)}\n`
      : `\nsummary\n${[...summary.map(figureLine), ...targetLines(results, summary)].map((line) => `  ${line}\n`).join("")}`,
  );
  const failed = results.some(({ failures }) => Object.keys(failures).length > 0);
  const missed = [...results.flatMap(({ figures }) => figures), ...summary].some(misses);
  return failed || (options.strict && missed) ? 1 : 0;
};

const misses = ({ value, targets }: Figure): boolean =>
  value !== undefined && (targets ?? []).some((target) => !meets(value, target));

// An exit that runs the hooks: a measured process must not outlive its benchmark.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
