// `npm run mutants`: breaks each line of scripts/mutants/table.ts in turn, and fails where no test turns red, or a row
// fits the sources no more. `npm run mutants -- FRAGMENT...`: the rows whose file or line has one of these.
import { MUTANTS } from "./mutants/table.js";
import { tryMutant } from "./mutants/try-mutant.js";
import { report, summary } from "./testing/result.js";

const fragments = process.argv.slice(2);
const chosen = MUTANTS.filter(
  ({ file, find }) => fragments.length === 0 || fragments.some((fragment) => `${file} ${find}`.includes(fragment)),
);
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const mutant of chosen) {
  const { outcome, detail } = tryMutant(mutant);
  const isGuarded = outcome === "killed";
  counts[isGuarded ? "passed" : "failed"]++;
  report(isGuarded, mutant.file, outcome, isGuarded ? "" : `${mutant.find.trim()}\n${mutant.test}: ${detail}`);
}
if (chosen.length === 0) counts.failed = 1;
process.stdout.write(`${summary(counts)}\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;
