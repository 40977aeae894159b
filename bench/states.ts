/** `npm run bench:states`: what taking a state costs, by the pages that were written since the one before. */
import { fileURLToPath } from "node:url";
import { openMachine } from "../src/index.js";
import { median } from "./statistics.js";

/** Writes all over 16 MiB, so that a longer stretch dirties more pages. */
const GUEST = fileURLToPath(new URL("../guests/bench/elf/random.elf", import.meta.url));
const SETTLED_INSNS = 40_000_000;
const STRETCHES_INSNS = [2_000, 20_000, 200_000, 2_000_000];
const ROUNDS = 15;

const { machine } = openMachine({ memory: "64M", kernel: GUEST, seed: "states" });
machine.run(SETTLED_INSNS);
let before = machine.state().ram;

/** One state after a stretch of instructions: how many pages it had to take, and how long it took. */
const measure = (insns: number): { pages: number; micros: number } => {
  machine.run(machine.position.icount + insns);
  const startMs = performance.now();
  const { ram } = machine.state();
  const micros = (performance.now() - startMs) * 1000;
  const pages = [...ram.difference(before)].length;
  before = ram;
  return { pages, micros };
};

console.log("pages dirtied   a state takes   a page beyond the fewest");
let fewest: { pages: number; micros: number } | undefined;
for (const insns of STRETCHES_INSNS) {
  const rounds = Array.from({ length: ROUNDS }, () => measure(insns));
  const pages = median(rounds.map((round) => round.pages)) ?? 0;
  const micros = median(rounds.map((round) => round.micros)) ?? 0;
  const beyond = fewest === undefined ? "" : `${((micros - fewest.micros) / (pages - fewest.pages)).toFixed(2)} µs`;
  console.log(`${String(pages).padStart(13)}${`${micros.toFixed(0)} µs`.padStart(16)}${beyond.padStart(27)}`);
  fewest ??= { pages, micros };
}
