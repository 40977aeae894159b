/**
 * `npm run bench:growth`: a guest that loads code, makes it hot and drops it, for minutes: the process must not grow
 * with it.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { hostEngine, openMachine } from "../src/index.js";

const GUEST = fileURLToPath(new URL("../guests/bench/elf/churn.elf", import.meta.url));
const SLICE_INSNS = 5_000_000;
const ALLOWED_MB = 32;

const USAGE = `usage: npm run bench:growth -- [options]
  --seconds N      how long (default 600)
  --settled N      after so many seconds the process should have all the memory that it will ever have (default 60)
Exit code: 1 when it ends with ${String(ALLOWED_MB)} MB more than then.`;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    settled: { type: "string", default: "60" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [seconds, settled] = [Number(values.seconds), Number(values.settled)];

const collect = (globalThis as { gc?: () => void }).gc;
const megabytes = (bytes: number): number => bytes / 1e6;

/** After a collection: what is held, not what waits. */
const residentMb = async (): Promise<number> => {
  for (let round = 0; round < 3; round += 1) {
    collect?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return megabytes(process.memoryUsage.rss());
};

const grow = async (): Promise<number> => {
  const { machine } = openMachine({ memory: "64M", kernel: GUEST, seed: "growth" }, hostEngine);
  console.log("seconds   instructions   compiled    dropped    live   modules      RSS");
  const startMs = performance.now();
  let settledMb: number | undefined;
  let lastMb = 0;
  const times = [...new Set([settled, ...Array.from({ length: 10 }, (_, index) => ((index + 1) * seconds) / 10)])];
  for (const time of times.sort((a, b) => a - b)) {
    while (performance.now() - startMs < time * 1000) machine.run(machine.position.icount + SLICE_INSNS);
    lastMb = await residentMb();
    if (time >= settled) settledMb ??= lastMb;
    const regions = machine.statistics().engine?.compiled;
    const columns = [regions?.compiled, regions?.dropped, regions?.live, regions?.modulesLive].map((count) =>
      (count ?? 0).toLocaleString("en").padStart(9),
    );
    console.log(
      `${time.toFixed(0).padStart(7)} ${machine.position.icount.toLocaleString("en").padStart(16)} ${columns.join("  ")} ` +
        `${lastMb.toFixed(0).padStart(6)} MB`,
    );
  }
  const more = lastMb - (settledMb ?? lastMb);
  console.log(`after ${String(seconds)} s ${more.toFixed(0)} MB more than after ${String(settled)} s`);
  return more > ALLOWED_MB ? 1 : 0;
};

if (values.help || !(seconds > 0) || !(settled > 0)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  process.exitCode = await grow();
}
