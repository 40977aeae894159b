/**
 * One group of cases as a test: generated from the seed, run by QEMU and by ours, equal in all that software can see.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WasmEngine } from "../../src/machine/engine/wasm-engine.js";
import type { EngineFactory } from "../../src/machine/engine/engine.js";
import { freshSeed, seededRandom, type Random } from "../support/seeded-random.js";
import { requires } from "../support/requires.js";
import { buildImage, slotBytesFor, slotsFor, type Case, type Slot } from "./case.js";
import { compare, hangs } from "./compare.js";
import { runOnMachine } from "./run-on-machine.js";
import { runOnQemu } from "./run-on-qemu.js";

export type Generate = (random: Random, slot: Slot, index: number) => Case;

export interface Group {
  readonly name: string;
  readonly slotPages: number;
  /** Without FOLDVM_CASES. */
  readonly cases: number;
  readonly generate: Generate;
  /** What cannot be put back by software, PMP locks, must not reach more cases than this. */
  readonly casesARun?: number;
}

const SHOWN = 3;

/** FOLDVM_CASES scales every group: it is the number of cases of each. */
const casesOf = ({ cases }: Group): number => {
  const asked = Number(process.env["FOLDVM_CASES"] ?? NaN);
  return Number.isInteger(asked) && asked > 0 ? asked : cases;
};

/** Each run has its own stream of random numbers, so that its seed alone repeats it. */
export function differences(group: Group, seed: number, count: number, engine?: EngineFactory): readonly string[] {
  const random = seededRandom(seed);
  const slotBytes = slotBytesFor(group.slotPages);
  const image = buildImage(count, slotBytes, (slot, index) => group.generate(random, slot, index));
  const qemu = runOnQemu(image.bytes);
  if (!qemu.ended) return [`QEMU does not end in ${hangs(image, qemu.ram)}`];
  const ours = runOnMachine(image.bytes, engine);
  if (!ours.ended) return [`ours does not end in ${hangs(image, ours.ram)}`];
  return compare(image, qemu.ram, ours.ram);
}

/** The tiers that QEMU is compared with; compiling each case costs more than running it, so those are fewer. */
const TIERS: readonly { readonly name: string; readonly engine: EngineFactory; readonly divisor: number }[] = [
  {
    name: "interpreted",
    engine: (bus, wanted) => new WasmEngine(bus, { ...wanted, compileThreshold: Infinity }),
    divisor: 1,
  },
  {
    name: "compiled",
    engine: (bus, wanted) => new WasmEngine(bus, { ...wanted, compileThreshold: 1, regionBatch: 1 }),
    divisor: 4,
  },
];

export function differentialTest(group: Group): void {
  for (const { name: tier, engine, divisor } of TIERS) {
    const name = `given random programs, ${group.name}, when they run ${tier}, then they end as QEMU's`;
    if (!requires(name, ["qemu-system-riscv64"])) continue;
    test(name, () => {
      const seed = freshSeed();
      const total = Math.ceil(casesOf(group) / divisor);
      console.log(`    ${group.name}, ${tier}: ${String(total)} cases, FOLDVM_SEED=${String(seed)}`);
      const aRun = Math.min(group.casesARun ?? Infinity, slotsFor(slotBytesFor(group.slotPages)));
      for (let done = 0, runSeed = seed; done < total; done += aRun, runSeed = (runSeed + 1) >>> 0) {
        const count = Math.min(aRun, total - done);
        const found = differences(group, runSeed, count, engine);
        const shown = found.slice(0, SHOWN).join("\n\n");
        const repeat = `FOLDVM_SEED=${String(runSeed)} FOLDVM_CASES=${String(count * divisor)}`;
        assert.is(found.length, 0, `${String(found.length)} of ${String(count)} cases differ (${repeat}):\n${shown}`);
      }
    });
  }
}
