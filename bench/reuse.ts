/**
 * `npm run bench:reuse`: how often a recording executes each of its instructions, and what compiling could win at best.
 *
 * An interpreter learns what is hot by running it. What it has run by then, and what compiling the rest costs, no
 * choice of a threshold can take away.
 */
import { parseArgs } from "node:util";
import { openRecording } from "../src/index.js";
import { profile } from "../src/streams/past/profile.js";

const THRESHOLDS = [1_000, 2_000, 5_000, 10_000, 50_000];

const USAGE = `usage: npm run bench:reuse -- FILE [options]
  --every INSNS    from one sample to the next (default 503)
  --interpret NS   what the interpreter takes for an instruction (default 8.5)
  --run NS         what compiled code takes (default 0.9)
  --compile NS     what compiling an instruction takes (default 52000)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: "string", default: "503" },
    interpret: { type: "string", default: "8.5" },
    run: { type: "string", default: "0.9" },
    compile: { type: "string", default: "52000" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [file] = positionals;
const everyInsns = Number(values.every);
const costNs = { interpret: Number(values.interpret), run: Number(values.run), compile: Number(values.compile) };

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const seconds = (ns: number): string => `${(ns / 1e9).toFixed(2)} s`;

function report(counts: readonly number[]): void {
  const executed = sum(counts);
  const percent = (part: number): string => `${((100 * part) / executed).toFixed(1)} %`;
  console.log("  executed   instructions   share of all   interpreted, if compiled then   CPU for both");
  for (const threshold of THRESHOLDS) {
    const hot = counts.filter((count) => count >= threshold);
    const interpreted = sum(counts.map((count) => Math.min(count, threshold)));
    const ns = interpreted * costNs.interpret + (executed - interpreted) * costNs.run + hot.length * costNs.compile;
    console.log(
      `${threshold.toLocaleString("en").padStart(10)} ${hot.length.toLocaleString("en").padStart(14)} ` +
        `${percent(sum(hot)).padStart(14)} ${percent(interpreted).padStart(31)} ${seconds(ns).padStart(14)}`,
    );
  }
  const foreseen = counts.map((count) => Math.min(count * costNs.interpret, costNs.compile + count * costNs.run));
  console.log(`knowing beforehand what gets hot, and compiling nothing twice: ${seconds(sum(foreseen))}`);
}

if (values.help || file === undefined) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 64;
} else {
  const { stretches } = profile(openRecording(file), { everyInsns });
  report(stretches.flatMap(({ instructions }) => instructions.map(({ samples }) => samples * everyInsns)));
}
