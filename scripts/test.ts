// The test command, `npm test`: checks of the sources, then the tests, one line each. `npm test -- pattern...` runs the
// test files whose path matches a pattern, and nothing else. Exits 0 only when nothing failed. CONTRIBUTING.md has the
// options.
import { availableParallelism } from "node:os";
import { build, checks, type Check } from "./testing/checks.js";
import { expectedRunSeconds, longestFirst, noteDurations, readDurations } from "./testing/durations.js";
import { findTests, type TestFile, type Tier } from "./testing/find-tests.js";
import { inLanes } from "./testing/lanes.js";
import { add, report, reportFailuresAgain, seconds, summary, type Counts } from "./testing/result.js";
import { killWorkers, runFiles } from "./testing/run-files.js";

/**
 * Fewer than these mean that tests got lost, so raise them as tests come in; `all` counts where nothing may be skipped.
 */
const MINIMUM_TESTS = { core: 3000, all: 3500 };

const verbose = process.argv.includes("--verbose");
const patterns = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const requireAll = process.env["FOLDVM_REQUIRE_ALL"] === "1";
const limits = {
  concurrency: Math.min(2, availableParallelism()),
  timeLimitSeconds: Number(process.env["FOLDVM_TEST_TIMEOUT_SECONDS"]) || 600,
  verbose,
  took: (path: string, fileSeconds: number): void => {
    took.set(path, fileSeconds);
  },
};

const runChecks = async (): Promise<Counts> => {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const run = async (check: Check): Promise<void> => {
    const startMs = performance.now();
    const { ok, output } = await check.run();
    report(ok, check.name, seconds(performance.now() - startMs), ok ? "" : output);
    counts[ok ? "passed" : "failed"]++;
  };
  await run(build);
  await inLanes(checks, limits.concurrency, run);
  return counts;
};

const durations = readDurations();
const took = new Map<string, number>();

const runTests = async (): Promise<Counts> => {
  const files = findTests("test", patterns);
  const core = await runTier(files, "core");
  const guest = await runTier(files, "guest");
  if (process.argv.includes("--note-durations")) noteDurations(findTests("test", []), took);
  return add(add(core, guest), lost(files.length, core, guest));
};

/** The longest files first. */
const runTier = async (all: readonly TestFile[], wanted: Tier): Promise<Counts> => {
  const files = all.filter(({ tier }) => tier === wanted);
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const expected = expectedRunSeconds(durations, files, limits.concurrency);
  const lanes = `${String(limits.concurrency)} at a time`;
  process.stdout.write(`     ${String(files.length)} ${wanted} test files, ${lanes}: some ${minutes(expected)}\n`);
  const startMs = performance.now();
  const counts = await runFiles(longestFirst(durations, files), limits);
  process.stdout.write(`     ${wanted} tests: ${seconds(performance.now() - startMs)}\n`);
  return counts;
};

const minutes = (expected: number): string =>
  expected < 100 ? `${String(Math.ceil(expected))} s` : `${String(Math.ceil(expected / 60))} min`;

/** A run that found too little to do is a failure, and counts as one. */
const lost = (files: number, core: Counts, guest: Counts): Counts => {
  const coreTests = core.passed + core.failed;
  const allTests = coreTests + guest.passed + guest.failed;
  const complaints: string[] = [];
  if (files === 0) complaints.push(`no test file matches ${patterns.join(" ")}`);
  if (patterns.length === 0) {
    const { core: coreMinimum, all: allMinimum } = MINIMUM_TESTS;
    if (coreTests < coreMinimum)
      complaints.push(`${String(coreTests)} core tests; at least ${String(coreMinimum)} are there`);
    if (requireAll && allTests < allMinimum)
      complaints.push(`${String(allTests)} tests; at least ${String(allMinimum)} are there`);
  }
  for (const complaint of complaints) report(false, "number of tests", complaint);
  return { passed: 0, failed: complaints.length, skipped: 0 };
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    killWorkers();
    process.exit(1);
  });
}

const startMs = performance.now();
const checked = patterns.length === 0 ? await runChecks() : { passed: 0, failed: 0, skipped: 0 };
const total = add(checked, await runTests());
reportFailuresAgain();
process.stdout.write(`${seconds(performance.now() - startMs)}\n${summary(total)}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
