/**
 * Asks one recording with the built library, and prints a row for each figure: `ask.ts NAME FILE PART`, a part in a
 * process of its own.
 */
import { count as toCount, lastValueFrom } from "rxjs";

import {
  at,
  bisect,
  calls,
  changes,
  fork,
  indexRecording,
  openRecording,
  replay,
  traps,
  whence,
  workers,
  writes,
  type Recording,
} from "../../dist/index.js";
import { seededRandom } from "../../test/support/seeded-random.js";
import { linuxNamesCost } from "../linux-names.js";

const [name = "", file = "", part = ""] = process.argv.slice(2);
const INDEX = `${file}.states`;

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** CPU time, which another program beside changes little. */
function timed<T>(work: () => T): readonly [ms: number, result: T] {
  const before = cpuMs();
  const result = work();
  return [cpuMs() - before, result];
}

/** The same of what is answered row by row, so that a million rows need not be there at once. */
async function timedLater<T>(work: () => Promise<T>): Promise<readonly [ms: number, result: T]> {
  const before = cpuMs();
  const result = await work();
  return [cpuMs() - before, result];
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const both = (values: readonly number[]): string => `${ms(percentile(values, 0.5))}, ${ms(percentile(values, 0.95))}`;
const replays = (value: number, base: number): string => `${(value / base).toFixed(2)} replays`;
const row = (what: string, figure: string, asked: string): void => {
  console.log(`${name.padEnd(6)}${what.padEnd(60)}${figure.padStart(24)}   ${asked}`);
};

const open = (keptBytes?: number): Recording => openRecording(file, { index: false, keptBytes });
const random = seededRandom(11);
const times = (count: number, work: (index: number) => unknown): readonly number[] =>
  Array.from({ length: count }, (_, index) => timed(() => work(index))[0]);

/** Of one recording, whose states are there once it was replayed. */
async function asked(): Promise<void> {
  // What is compiled for the guest is compiled once a process.
  replay(open(0));
  const [replayMs] = timed(() => replay(open(0)));
  const recording = open();
  const [keptMs] = timed(() => replay(recording));
  const { instructions } = recording.info;
  row(`one replay of ${(instructions / 1e9).toFixed(2)} G instructions`, ms(replayMs), "");
  row("keeping states during a replay", `${((keptMs / replayMs - 1) * 100).toFixed(1)} % of it`, "at most 5 %");
  row("memory of the states", `${(recording.kept.usedBytes / 2 ** 20).toFixed(0)} MiB`, "at most 512 MiB");
  jumps(recording, instructions);
  await questions(recording, instructions, replayMs);
  futures(recording, instructions);
}

function jumps(recording: Recording, instructions: number): void {
  row(
    "any position, states there: p50, p95",
    both(times(200, () => at(recording, random(instructions)).state)),
    "30, 100 ms",
  );
  const from = Math.floor(instructions * 0.7);
  row(
    "one instruction back, repeated: p50, p95",
    both(times(200, (index) => at(recording, from - index).state)),
    "p95 10 ms",
  );
  const [end, before] = [at(recording).state, at(recording, Math.floor(instructions * 0.95)).state];
  row("names of Debian's kernel, once", ms(linuxNamesCost(end as never, before as never).firstMs), "500 ms");
}

async function questions(recording: Recording, instructions: number, replayMs: number): Promise<void> {
  const words = changedWords(recording, instructions);
  const lasts = times(40, () => writes(recording, { of: words[random(words.length)] ?? 0 }).last());
  row("last write to a word, from the end: p50, p95", both(lasts), "p95 300 ms");
  row("last write to jiffies", ms(timed(() => writes(recording, { of: "jiffies" }).last())[0]), "300 ms");
  const unwritten = writes(recording, { of: "linux_banner:8" });
  row("last write where the states rule all out", ms(timed(() => unwritten.last())[0]), "20 ms");
  const [callsMs, called] = await timedLater(() => lastValueFrom(calls(recording, { of: BUSY }).pipe(toCount())));
  row(`all calls of ${BUSY} (${called.toLocaleString("en")})`, replays(callsMs, replayMs), "1.3 replays");
  const [trapsMs, kinds] = timed(
    () =>
      new Set(
        traps(recording, { of: "ecallFromU" })
          .toArray()
          .map(({ args }) => args[7]),
      ),
  );
  row(`system calls by kind (${String(kinds.size)} kinds)`, replays(trapsMs, replayMs), "1.3 replays");
  const [changesMs, changed] = timed(() => changes(recording, (moment) => moment.read("jiffies")).toArray());
  row(`an invariant over memory, everywhere (${counted(changed)})`, replays(changesMs, replayMs), "1.5 replays");
  const middle = at(recording, Math.floor(instructions * 0.8)).read("jiffies") as bigint;
  const from = Math.floor(instructions * 0.6);
  const [bisectMs] = timed(() => bisect(recording, (moment) => (moment.read("jiffies") as bigint) >= middle, { from }));
  row("bisect", ms(bisectMs), "1000 ms");
  const moment = at(recording, Math.floor(instructions * 0.9));
  const hops = times(20, (index) => whence(moment, `$x${String(5 + index)}`).sources());
  row("one hop of whence: p50, p95", both(hops), "p95 200 ms");
}

/** Words that were written in the last two fifths: some of each page that was. */
function changedWords(recording: Recording, instructions: number): readonly { address: number; bytes: number }[] {
  const [before, after] = [at(recording, Math.floor(instructions * 0.6)).state.ram, at(recording).state.ram];
  return [...after.difference(before)].flatMap((page) => {
    const [old, now] = [before.read(page * PAGE_BYTES, PAGE_BYTES), after.read(page * PAGE_BYTES, PAGE_BYTES)];
    const changed = Array.from({ length: PAGE_BYTES / 8 }, (_, index) => 8 * index).filter((offset) =>
      now.subarray(offset, offset + 8).some((byte, index) => byte !== old[offset + index]),
    );
    const offset = changed[random(Math.max(1, changed.length))];
    return offset === undefined ? [] : [{ address: RAM_BASE + page * PAGE_BYTES + offset, bytes: 8 }];
  });
}

const RAM_BASE = 0x8000_0000;
const PAGE_BYTES = 4096;

/** Called more often than others in a boot. */
const BUSY = "__memset";

const counted = (rows: readonly unknown[]): string => rows.length.toLocaleString("en");

function futures(recording: Recording, instructions: number): void {
  const where = { at: Math.floor(instructions * 0.6) };
  const run = (): unknown => fork(recording, where).run({ insns: 1000 });
  run();
  const FORKS = 300;
  const [spent] = timed(() => {
    for (let made = 0; made < FORKS; made += 1) run();
  });
  row("fork, 1,000 instructions, drop", `${((FORKS * 1000) / spent).toFixed(0)} a second`, "1,000 a second");
}

/** Wall time: idle cores are what threads are for. */
async function threads(): Promise<void> {
  const recording = open();
  replay(recording);
  const wall = async (count: number): Promise<number> => {
    const pool = workers(count);
    try {
      // Threads start, and compile what they run, once.
      await lastValueFrom(traps(recording, { of: "ecallFromU" }).on(pool).pipe(toCount()));
      const start = performance.now();
      await lastValueFrom(traps(recording, { of: "ecallFromU" }).on(pool).pipe(toCount()));
      return performance.now() - start;
    } finally {
      pool.close();
    }
  };
  const [one, two] = [await wall(1), await wall(2)];
  row("two threads against one, system calls", `${(one / two).toFixed(2)} x`, "1.7 x");
}

async function written(): Promise<void> {
  const { bytes, states } = await indexRecording(openRecording(file, { index: INDEX }));
  row(`index on disk (${String(states)} states)`, `${(bytes / 1e6).toFixed(1)} MB`, "60 MB");
}

/** In a process that has opened nothing yet. */
function fresh(): void {
  const recording = openRecording(file, { index: INDEX });
  const where = Math.floor(recording.info.instructions * 0.8) + 1234;
  row("the first position in a fresh process", ms(timed(() => at(recording, where).state)[0]), "500 ms");
  const { instructions } = recording.info;
  const all = times(200, () => at(recording, random(instructions)).state);
  row("any position, by the index: p50, p95", both(all), "30, 100 ms");
}

if (part === "asked") await asked();
else if (part === "threads") await threads();
else if (part === "written") await written();
else fresh();
