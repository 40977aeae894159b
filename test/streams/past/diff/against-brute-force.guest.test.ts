/** Guests part where brute force says that they do, whatever it was that differed: a byte, a clock, a turn. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { canonicalBytes } from "../../../../src/machine/canonical.js";
import { rowOf } from "../../../../src/reducers/events.js";
import { diff } from "../../../../src/streams/past/diff/index.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import type { ScriptStep } from "../../../../src/streams/live/script.js";
import { demoOptions, LETTERS } from "../../../support/demo-guest.js";
import { HARTS_ELF, HARTS_MEMORY } from "../../../support/harts-guest.js";
import { partingByBruteForce } from "../../../support/parting-by-brute-force.js";
import { recorded } from "../../../support/recorded.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    partings: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);
const PAIRS = Number(process.env["FOLDVM_PAIRS"] ?? 3);
/** Between two ticks of the guest's timer are so few instructions that brute force gets from one to the next. */
const SHIFT = 6;

/** Of inputs: the icount of the first one that only one side has. */
function firstInput(a: Recording, b: Recording): number {
  const lines = ({ log }: Recording): readonly [number, string][] =>
    [...log.events()]
      .filter(({ event }) => rowOf(event.type).origin === "input")
      .map(({ icount, event }) => [icount, String(canonicalBytes(event))]);
  const [inA, inB] = [lines(a), lines(b)];
  const index = inA.findIndex(([icount, line], at) => icount !== inB[at]?.[0] || line !== inB[at][1]);
  const at = index < 0 ? inA.length : index;
  return Math.min(inA[at]?.[0] ?? Infinity, inB[at]?.[0] ?? Infinity);
}

/** Answers how far the guests were alike after the first input that differs. */
function compare(a: Recording, b: Recording, name: string): number {
  const where = `FOLDVM_SEED=${String(seed)}, ${name}`;
  const first = firstInput(a, b);
  const common = Math.min(a.info.instructions, b.info.instructions);
  const { parting } = diff(a, b);
  const until = parting?.icount ?? Math.min(common, first + 5000);
  assert.is(partingByBruteForce(a, b, Math.max(0, first - 3), until), parting?.icount, where);
  return until - first;
}

const typed = (text: string): readonly ScriptStep[] => [
  { wait: "demo> " },
  { type: `${text}\r` },
  { wait: "demo> " },
  { type: "poweroff\r" },
];

test("given a session in which one letter is another, when it is compared, then the guests part where the letter is", async () => {
  const options = { ...demoOptions, shift: SHIFT };
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const text = Array.from({ length: 1 + random(6) }, () => LETTERS.charAt(random(LETTERS.length))).join("");
    const at = random(text.length);
    const other = text.slice(0, at) + "ABCDEFG".charAt(random(7)) + text.slice(at + 1);
    const [a, b] = [await recorded(options, { steps: typed(text) }), await recorded(options, { steps: typed(other) })];
    compare(a, b, `${text} and ${other}`);
  }
});

test("given a clock that jumped, when nobody has looked at it, then the guests have not parted yet", async () => {
  const options = { ...demoOptions, append: "uptime; poweroff", shift: SHIFT };
  const plain = await recorded(options);
  const { instructions } = plain.info;
  let alike = 0;
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const icount = random(instructions);
    const byNs = BigInt(1 + random(2_000_000));
    const skewed = await recorded(options, { schedule: [{ icount, type: "clock/skewed", byNs }] });
    alike += compare(plain, skewed, `a jump by ${String(byNs)} ns at ${String(icount)}`);
  }
  assert.ok(alike > 0);
});

test("given two harts whose turn ended early, when it is compared, then they part where another instruction executes", async () => {
  const options = { memory: HARTS_MEMORY, smp: 2, kernel: HARTS_ELF, append: "lost-update", seed: "harts" };
  const plain = await recorded(options);
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const icount = random(plain.info.instructions);
    const early = await recorded(options, { schedule: [{ icount, type: "schedule/turnEnded" }] });
    compare(plain, early, `a turn that ends at ${String(icount)}`);
  }
});

test.run();
