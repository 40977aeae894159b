/** Real guests from reset: every engine is in the same state at the same icount, whatever was done to it on the way. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Machine } from "../../../src/machine/machine.js";
import { RAM_PAGE_BYTES } from "../../../src/machine/ram.js";
import { hashOfState } from "../../../src/machine/state-hash.js";
import type { MachineState } from "../../../src/machine/state.js";
import { fastEngines, reference } from "../../support/engines.js";
import { guestAtReset, machineOn, moveTo } from "../../support/machines.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    engines on guests: FOLDVM_SEED=${String(seed)}`);

const GUESTS = [
  "demo/demo.elf",
  ...["dmatrix", "ecall", "fib", "switch", "timer"].map((name) => `bench/elf/${name}.elf`),
];
const REFERENCE_INSNS = 16_000;
const MEBIBYTES = 4;

const where = (machine: Machine): string => `${String(machine.position.seq)}/${String(machine.position.icount)}`;

for (const path of GUESTS) {
  test(`given ${path}, when each engine runs it from reset, then all have the same hash at every stop`, () => {
    const atReset = guestAtReset(path, MEBIBYTES);
    const machines = [reference, ...fastEngines].map((engine) => machineOn(engine, atReset));
    for (let icount = 0; icount <= REFERENCE_INSNS; icount += REFERENCE_INSNS / 8) {
      const seen = machines.map((machine) => {
        moveTo(machine, icount);
        return `${where(machine)} ${machine.hash().toString(16)}`;
      });
      assert.is(new Set(seen).size, 1, seen.join("\n"));
    }
  });
}

const bytesOf = ({ ram }: MachineState): Uint8Array => ram.read(0, ram.pageCount * RAM_PAGE_BYTES);

test("given a guest in bursts of 1 to 50,000, when states are taken and gone back to, then it ends as at once, and they stay", () => {
  const random = seededRandom(seed);
  const INSNS = 400_000;
  const inputs = Array.from({ length: 12 }, () => ({ icount: random(INSNS), byte: 32 + random(90) })).sort(
    (a, b) => a.icount - b.icount,
  );
  let heldInAll = 0;
  for (const engine of fastEngines) {
    const atReset = guestAtReset("demo/demo.elf", MEBIBYTES);
    const atOnce = machineOn(engine, atReset);
    const sliced = machineOn(engine, atReset);
    const held: { state: MachineState; hash: bigint; bytes: Uint8Array }[] = [];
    const sliceTo = (target: number): void => {
      while (sliced.position.icount < target) {
        moveTo(sliced, Math.min(target, sliced.position.icount + 1 + random(2 ** (1 + random(16)) % 50_000)));
        const happening = random(8);
        if (happening === 0) sliced.hash();
        if (happening !== 1 || held.length > 12) continue;
        const state = sliced.state();
        held.push({ state, hash: sliced.hash(), bytes: bytesOf(state) });
        // Elsewhere and back: to any state that is held, some instructions from there, and here again.
        sliced.load(held[random(held.length)]?.state ?? state);
        moveTo(sliced, sliced.position.icount + random(3000));
        sliced.load(state);
      }
    };
    for (const { icount, byte } of [...inputs, { icount: INSNS, byte: 0 }]) {
      for (const machine of [atOnce, sliced]) {
        if (machine === atOnce) moveTo(machine, icount);
        else sliceTo(icount);
        const event = { type: "uart16550/byteReceived", byte } as const;
        if (byte !== 0 && machine.accepts(event)) machine.apply(event);
      }
      assert.is(where(sliced), where(atOnce));
      assert.is(sliced.hash(), atOnce.hash(), `${engine.name}, FOLDVM_SEED=${String(seed)}, at ${where(atOnce)}`);
    }
    heldInAll += held.length;
    for (const { state, hash, bytes } of held) {
      assert.is(hashOfState(state), hash);
      assert.is(Buffer.compare(bytesOf(state), bytes), 0);
    }
  }
  assert.ok(heldInAll > 2 * fastEngines.length, `only ${String(heldInAll)} states were held`);
});

test.run();
