/** `npm run bench:names -- FILE`: what the first questions to a large file's debugging information take. */
import { fileSource } from "../src/streams/host/file-source.js";
import { dwarfNames, type NameSource } from "../src/index.js";

const [, , path] = process.argv;
if (path === undefined) {
  console.error("npm run bench:names -- FILE: a kernel with debugging information, as linux-image-…-dbg has one");
  process.exit(2);
}

const rows: { question: string; ms: number; cpuMs: number; answer: string }[] = [];
const measure = <T>(question: string, ask: () => T, shown: (answer: T) => string): T => {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const answer = ask();
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  rows.push({ question, ms, cpuMs: (user + system) / 1000, answer: shown(answer) });
  return answer;
};
const isThere = (answer: unknown): string => (answer === undefined ? "none" : "found");

// Of a kernel; where it is compiled moves with each version.
const SOME_FUNCTION = "vfs_read";
const address = dwarfNames(fileSource(path), path)
  ?.symbols()
  .find(({ name }) => name === SOME_FUNCTION)?.address;
if (address === undefined) throw new Error(`${path} has no debugging information, or no function ${SOME_FUNCTION}`);

const names = measure("open", () => dwarfNames(fileSource(path), path), isThere) as Required<NameSource>;
const [line] = measure(
  "first line",
  () => names.linesAt(address + 64n),
  (lines) => `${String(lines.length)} lines`,
);
measure(
  "a line close by",
  () => names.linesAt(address + 96n),
  (lines) => `${String(lines.length)} lines`,
);
measure("frame", () => names.unwindRules(address + 64n), isThere);
measure(
  "its variables",
  () => names.variablesAt(address + 64n),
  (all) => `${String(all.length)} variables`,
);
measure("function's type", () => names.functionType(SOME_FUNCTION), isThere);
measure("structure", () => names.typeNamed("struct task_struct"), isThere);
measure("no structure", () => names.typeNamed("struct there_is_none"), isThere);
measure("variable", () => names.variable("init_task"), isThere);
measure(
  "addresses of a line",
  () => names.addressesOf(line?.file ?? "", line?.line ?? 0),
  (all) => `${String(all.length)} addresses`,
);

console.log("question                  ms    CPU ms   answer");
for (const { question, ms, cpuMs, answer } of rows) {
  console.log(`${question.padEnd(20)}${ms.toFixed(1).padStart(8)}${cpuMs.toFixed(1).padStart(10)}   ${answer}`);
}
console.log(`memory: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
