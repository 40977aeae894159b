/** What gdb waits for on a recording. */
import { openRecording, trace$, visits, type Recording } from "../../dist/index.js";
import { seededRandom, type Random } from "../../test/support/seeded-random.js";
import { measure } from "../measured-process.js";
import { median } from "../statistics.js";
import { neverVisited } from "./never-visited.js";
import type { Remote } from "./remote.js";
import { row, shown, shownBoth } from "./row.js";
import { Served } from "./served.js";
import { changedWords } from "./changed-words.js";
import { gdbItself } from "./real-gdb.js";

const COMMAND = new URL("../../bin/foldvm.js", import.meta.url).pathname;
const SHARE = 0.9;
const PLACES = 10;
const STEPS_A_PLACE = 10;
const WORDS = 40;
const ROUNDS = 3;
/** How far back a breakpoint is. */
const FAR_INSNS = 20_000;
const MARGIN_INSNS = 20_000;
const POINTS = 1000;

interface Subject {
  readonly name: string;
  readonly file: string;
  readonly index: string;
  readonly recording: Recording;
  readonly random: Random;
}

export async function measureRecording(name: string, file: string, index: string): Promise<void> {
  const recording = openRecording(file, { index: false });
  const subject: Subject = { name, file, index, recording, random: seededRandom(7) };
  await steps(subject);
  await breakpointBehind(subject);
  await watched(subject);
  await whole(subject);
  row(
    name,
    "gdb itself: reverse-stepi, of a hundred",
    shown(await gdbItself(() => serve(subject), placeIn(subject))),
    "",
  );
  recording.close();
}

const serve = ({ file, index }: Subject): Promise<Served> =>
  Served.by((path) => [process.execPath, COMMAND, "replay", file, "--gdb", `unix:${path}`, "--index", index]);

const placeIn = ({ recording }: Subject): number => Math.floor(recording.info.instructions * SHARE);

async function served(subject: Subject, work: (gdb: Remote, server: Served) => Promise<void>): Promise<void> {
  const server = await serve(subject);
  const gdb = await server.gdb();
  try {
    await work(gdb, server);
  } finally {
    gdb.end();
    await server.end();
  }
}

/** CPU time of the thread that answers, which other programs beside change little. */
async function timed(server: Served, work: () => Promise<unknown>): Promise<number> {
  const before = server.ownCpuMs;
  await work();
  return server.ownCpuMs - before;
}

const goTo = (gdb: Remote, icount: number): Promise<string> => gdb.command(`goto ${String(icount)}`);

/** Of a server each, and then at places around. */
async function steps(subject: Subject): Promise<void> {
  const [first, repeated]: [number[], number[]] = [[], []];
  const place = placeIn(subject);
  for (let round = 0; round < ROUNDS; round += 1) {
    await served(subject, async (gdb, server) => {
      for (let one = 0; one < PLACES; one += 1) {
        await goTo(gdb, one === 0 ? place : Math.floor(place * (0.95 + subject.random(100) / 1000)));
        first.push(await timed(server, () => gdb.ask("bs")));
        for (let step = 0; step < STEPS_A_PLACE; step += 1) repeated.push(await timed(server, () => gdb.ask("bs")));
      }
    });
  }
  row(subject.name, "reverse-stepi, the first at a place: p50, p95", shownBoth(first), "p95 100 ms");
  row(subject.name, "reverse-stepi, repeated: p50, p95", shownBoth(repeated), "p95 10 ms");
}

/** To an instruction that lies so far back, executed at other times too. */
async function breakpointBehind(subject: Subject): Promise<void> {
  const [first, others]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    await served(subject, async (gdb, server) => {
      for (let one = 0; one < PLACES; one += 1) {
        const place = placeIn(subject) - 1_000_003 * one;
        const pc = await lastComeTo(subject.recording, place);
        if (pc === undefined) continue;
        await goTo(gdb, place);
        await gdb.ask(`Z0,${pc.toString(16)},2`);
        (one === 0 ? first : others).push(await timed(server, () => gdb.ask("bc")));
        await gdb.ask(`z0,${pc.toString(16)},2`);
      }
    });
  }
  row(subject.name, "reverse-continue over 20,000, the first: p50, p95", shownBoth(first), "300 ms");
  row(subject.name, "reverse-continue over 20,000, others: p50, p95", shownBoth(others), "300 ms");
}

/** An instruction that the hart comes to last so far before a place, or a little farther. Undefined: in a loop. */
async function lastComeTo(recording: Recording, place: number): Promise<bigint | undefined> {
  const lasts = new Map<bigint, number>();
  const [from, until] = [place - FAR_INSNS - MARGIN_INSNS, place];
  await trace$(recording, { of: ["instruction/retired"], from, until }).forEach((action) => {
    if (action.type === "instruction/retired") lasts.set(action.pc, action.icount);
  });
  const far = [...lasts].filter(([, icount]) => icount <= place - FAR_INSNS);
  const [pc] = far.reduce((best, one) => (one[1] > best[1] ? one : best), [0n, 0]);
  return pc === 0n ? undefined : pc;
}

async function watched(subject: Subject): Promise<void> {
  const { recording, random, name } = subject;
  const until = placeIn(subject);
  const words = changedWords(recording, { from: Math.floor(until / 4), until }, random);
  const times: number[] = [];
  await served(subject, async (gdb, server) => {
    for (let one = 0; one < WORDS; one += 1) {
      const address = words[random(words.length)] ?? 0n;
      await goTo(gdb, until);
      const reply = await gdb.ask(`Z2,${address.toString(16)},8`);
      if (reply !== "OK") throw new Error(`a watchpoint at ${address.toString(16)}: ${reply}`);
      times.push(await timed(server, () => gdb.ask("bc")));
      await gdb.ask(`z2,${address.toString(16)},8`);
    }
  });
  row(
    name,
    `reverse-continue to a watchpoint, ${String(WORDS)} random words: p50, p95`,
    shownBoth(times),
    "p95 500 ms",
  );
}

/** CPU time, in turn: of whole processes; and of going on from the beginning to the end. */
async function whole(subject: Subject): Promise<void> {
  const { file, index, name, recording, random } = subject;
  const never = neverVisited(recording, POINTS, random);
  const [alone, attached, bare, pointed]: [number[], number[], number[], number[]] = [[], [], [], []];
  const command = [process.execPath, COMMAND, "replay", file, "--index", index];
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push((await measure({ command, expect: "" })).cpuMs);
    await served(subject, async (gdb, server) => {
      bare.push(await goneThrough(gdb, server));
      attached.push(server.cpuMs);
    });
    await served(subject, async (gdb, server) => {
      for (const address of never) await gdb.ask(`Z0,${address.toString(16)},2`);
      pointed.push(await goneThrough(gdb, server));
    });
  }
  const speed = (times: readonly number[], of: readonly number[]): string =>
    ((median(of) ?? NaN) / (median(times) ?? NaN)).toFixed(2);
  row(name, "attached, no breakpoints: speed of a replay", speed(attached, alone), "0.95");
  row(name, `${String(never.length)} breakpoints never hit: speed of none`, speed(pointed, bare), "0.9");
  await falseCondition(subject, median(bare) ?? NaN);
}

async function goneThrough(gdb: Remote, server: Served): Promise<number> {
  const before = server.cpuMs;
  await gdb.ask("vCont;c");
  return server.cpuMs - before;
}

/** `__memset` is called more often than others in a boot: its argument is never what the condition says. */
async function falseCondition(subject: Subject, bareMs: number): Promise<void> {
  const { recording, name } = subject;
  const pc = recording.names.functionsNamed("__memset")[0]?.address ?? 0n;
  const count = visits(recording, { of: pc }).toArray().length;
  await served(subject, async (gdb, server) => {
    // reg 10 (a0), const8 1, equal, end: no memory is there.
    await gdb.ask(`Z0,${pc.toString(16)},2;X7,26000a22011327`);
    const passes = (await goneThrough(gdb, server)) / bareMs;
    row(name, `a condition that is false ${count.toLocaleString("en")} times`, `${passes.toFixed(2)} passes`, "1 pass");
  });
}
