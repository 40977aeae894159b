/**
 * Several harts: every engine does what the reference does, whoever's turn it is, however the run is cut, saved and
 * loaded, and whatever deviates from the plain schedule.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Machine, type Stop } from "../../../src/machine/machine.js";
import type { MachineState } from "../../../src/machine/state.js";
import { againstInterpreter, againstReference, type ComparisonPlan, type NamedEngine } from "../../support/engines.js";
import { FlushedMachine } from "../../support/flushed-machine.js";
import { randomDeviation, randomHarts, randomHartsPool } from "../../support/random-harts.js";
import { freshSeed, seededRandom, type Random } from "../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    equivalence of harts: FOLDVM_SEED=${String(seed)}`);

const pool = randomHartsPool(seededRandom(seed));
const PROGRAMS = Number(process.env["FOLDVM_PROGRAMS"] ?? 30);
const LONG_PROGRAMS = Number(process.env["FOLDVM_LONG_PROGRAMS"] ?? 4);

const SHORT: ComparisonPlan = {
  ...againstReference,
  insns: 1500,
  strideInsns: (random) => 1 + random(2 ** (1 + random(8))),
};
/** Turns end with their quantum too. */
const LONG: ComparisonPlan = {
  ...againstInterpreter,
  insns: 150_000,
  strideInsns: (random) => 1 + random(2 ** (1 + random(17))),
};

/** One run of a program: a machine that is replaced now and then by one with the same state. */
interface Lane {
  readonly name: string;
  machine: Machine;
  readonly disturb: () => void;
}

/** Runs in as few pieces as there can be. */
function plainLane({ name, create }: NamedEngine, initial: MachineState): Lane {
  return { name, machine: new Machine(initial, { engine: create }), disturb: () => undefined };
}

/** Runs in random pieces, drops its caches, is saved and loaded: none of which may show. */
function disturbedLane({ name, create }: NamedEngine, initial: MachineState, random: Random): Lane {
  const open = (state: MachineState): Machine =>
    FlushedMachine.open(state, { engine: create }, random, 1 + random(2000));
  const lane: { -readonly [Key in keyof Lane]: Lane[Key] } = {
    name: `${name}, in pieces`,
    machine: open(initial),
    disturb: () => {
      const kind = random(16);
      if (kind === 0) lane.machine = open(lane.machine.state());
      if (kind === 1) lane.machine.load(lane.machine.state());
      if (kind === 2) lane.machine.lookAhead(() => lane.machine.run(lane.machine.position.icount + random(1000)));
    },
  };
  return lane;
}

/** Applies what the state predicts, and warps over idle time. `idle`: nothing will ever happen. */
function runTo(lane: Lane, until: number): Stop {
  for (;;) {
    lane.disturb();
    const { machine } = lane;
    const stop = machine.run(until);
    const due = machine.due();
    if (stop === "due" && due !== undefined && due.type !== "machine/reset") {
      machine.apply(due);
    } else if (stop === "idle" && machine.deadlineNs !== undefined) {
      machine.apply({ type: "clock/warped", byNs: machine.deadlineNs - machine.virtualNs });
    } else {
      return stop;
    }
  }
}

const hexadecimal = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString(16) : value);

/** What of a state can be told in lines, but for RAM. */
const linesOf = (lane: Lane, stop: Stop): string[] => {
  const { position, schedule, clock, platform, power, harts, ram } = lane.machine.state();
  return [
    ...Object.entries({ stop, position, schedule, clock, power, ...platform, ram: ram.digest }),
    ...harts.flatMap(({ x, f, fields }, hart) =>
      Object.entries({ ...fields, x, f }).map(([name, value]): [string, unknown] => [
        `hart ${String(hart)} ${name}`,
        value,
      ]),
    ),
  ].map(([name, value]) => `${name} ${JSON.stringify(value, hexadecimal)}`);
};

function differences(expected: readonly string[], actual: readonly string[]): string {
  return expected
    .flatMap((line, index) => (line === actual[index] ? [] : [line, `  ${actual[index] ?? ""}`]))
    .join("\n");
}

interface Coverage {
  insns: number;
  turns: number;
  ownTurns: number;
  readonly causes: Set<string>;
}

function compare(programSeed: number, coverage: Coverage, plan: ComparisonPlan): void {
  const random = seededRandom(programSeed ^ 0x5eed);
  const initial = randomHarts(seededRandom(programSeed), pool);
  const { harts } = initial.config;
  const base = plainLane(plan.base, initial);
  const lanes = plan.others.flatMap((engine, index) => [
    plainLane(engine, initial),
    disturbedLane(engine, initial, seededRandom(programSeed + index)),
  ]);
  let until = 0;
  let hart = 0;
  while (until < plan.insns) {
    const from = base.machine.position.icount;
    until = from + plan.strideInsns(random);
    const stop = runTo(base, until);
    for (const lane of lanes) {
      const theirs = runTo(lane, until);
      if (theirs === stop && lane.machine.hash() === base.machine.hash()) continue;
      const what = differences(linesOf(base, stop), linesOf(lane, theirs));
      const where = `between ${String(from)} and ${String(until)}`;
      assert.unreachable(
        `FOLDVM_SEED=${String(seed)}, program ${String(programSeed)}, ${lane.name}, ${where}:\n${what}`,
      );
    }
    const { position, schedule, harts: states } = base.machine.state();
    coverage.insns += position.icount - from;
    if (schedule.hart !== hart) coverage.turns += 1;
    hart = schedule.hart;
    for (const { fields } of states)
      coverage.causes.add(fields.mcause.toString(16)).add(`s${fields.scause.toString(16)}`);
    if (stop === "off" || stop === "due") break;
    const event = stop === "idle" || random(4) !== 0 ? randomDeviation(random, harts) : undefined;
    if (event !== undefined)
      for (const { machine } of [base, ...lanes]) if (machine.accepts(event)) machine.apply(event);
    if (stop === "idle" && random(4) === 0) break;
  }
  const { schedule, position } = base.machine.state();
  const retired = schedule.retired.map(
    (count, of) => count + (of === schedule.hart ? position.icount - schedule.sinceIcount : 0),
  );
  assert.is(
    retired.reduce((sum, count) => sum + count, 0),
    position.icount,
  );
  coverage.ownTurns += retired.filter((count) => count > 0).length;
}

const nothing = (): Coverage => ({ insns: 0, turns: 0, ownTurns: 0, causes: new Set() });

test("given random harts, when every engine runs them under random deviations, then all do what the reference does", () => {
  const coverage = nothing();
  for (let index = 0; index < PROGRAMS; index += 1) compare((seed + index * 7919) >>> 0, coverage, SHORT);
  // The programs must be worth running: harts that only wait, or never give way, would prove nothing.
  assert.ok(coverage.insns > PROGRAMS * (SHORT.insns / 2), `only ${String(coverage.insns)} instructions retired`);
  assert.ok(coverage.turns > PROGRAMS * 5, `only ${String(coverage.turns)} changes of turn were seen`);
  assert.ok(coverage.ownTurns > PROGRAMS * 2, `only ${String(coverage.ownTurns)} harts ever executed`);
  assert.ok(coverage.causes.size > 12, `only the causes ${[...coverage.causes].join(" ")}`);
});

test("given long programs, when compiled by default, at once and early, then all do what the interpreter does", () => {
  const coverage = nothing();
  for (let index = 0; index < LONG_PROGRAMS; index += 1) compare((seed + index * 6007) >>> 0, coverage, LONG);
  assert.ok(coverage.insns > LONG_PROGRAMS * 15_000, `only ${String(coverage.insns)} instructions retired`);
  assert.ok(coverage.ownTurns > LONG_PROGRAMS, `only ${String(coverage.ownTurns)} harts ever executed`);
});

test.run();
