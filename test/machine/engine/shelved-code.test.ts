// Compiled code that its page's new content sent away, and that comes back with the old content.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { CodePlaces } from "../../../src/machine/engine/compiled/code-places.js";
import { ExecutedCode } from "../../../src/machine/engine/compiled/executed-code.js";
import type { CompiledCode } from "../../../src/machine/engine/compiled/installed-code.js";
import { MAX_SHELVED, ShelvedCode } from "../../../src/machine/engine/compiled/shelved-code.js";
import type { CompiledCounts } from "../../../src/machine/engine/hot-code.js";
import { WasmEngine } from "../../../src/machine/engine/wasm-engine.js";
import { countingLoop } from "../../support/counting-loop.js";
import { BareHart, CODE, fastEngines, interpreter, reference, type NamedEngine } from "../../support/engines.js";

const ROUNDS = 400;

/** Each of these steps in turn, at one place. */
function ran(engine: NamedEngine, steps: readonly number[]): { readonly sum: bigint; readonly hart: BareHart } {
  const hart = new BareHart(engine);
  for (const step of steps) {
    hart
      .setX(1, BigInt(ROUNDS))
      .place(CODE, countingLoop(step))
      .set("pc", CODE)
      .resume(3 * ROUNDS);
  }
  return { sum: hart.x(2), hart };
}

const regionsOf = ({ engine }: BareHart): CompiledCounts | undefined => engine.statistics?.().compiled;

for (const engine of fastEngines.filter(({ name }) => name.includes("arrival"))) {
  test(`${engine.name}: given a program in another one's place, when the first comes again, then its code comes back`, () => {
    const steps = [3, 5, 3, 5, 3];
    const { sum, hart } = ran(engine, steps);
    assert.is(sum, ran(reference, steps).sum);
    const [once, again] = [regionsOf(ran(engine, [3, 5]).hart), regionsOf(hart)];
    assert.is(again?.compiled, once?.compiled, "nothing was compiled twice");
    assert.ok((again?.restored ?? 0) >= 3);
    assert.is(again?.live, (again?.compiled ?? 0) - (again?.dropped ?? 0) + (again?.restored ?? 0));
  });

  test(`${engine.name}: given a program that differs in one instruction, then the other's code does not come back`, () => {
    const { sum, hart } = ran(engine, [3, 4]);
    assert.is(sum, BigInt(ROUNDS * (3 + 4)));
    assert.is(regionsOf(hart)?.restored, 0);
  });
}

/** A shelf over code that was executed, and that code. */
function shelfOf(hart: BareHart) {
  const { engine } = hart;
  if (!(engine instanceof WasmEngine)) throw new Error("it is another engine");
  const places = new CodePlaces(engine.memory);
  const probed = new Set<number>();
  const executed = new ExecutedCode(engine.memory, places, {
    speculative: false,
    isProbed: (address) => probed.has(address),
  });
  const spot = places.spotOfPc(CODE);
  if (spot === undefined) throw new Error("it was not executed");
  const raw = executed.page(spot.codePage)?.rawAt(spot.offset) ?? 0;
  const code: CompiledCode = {
    ...{ kind: "region", codePages: [spot.codePage], entries: [spot] },
    words: Uint32Array.of(places.slotOf(spot), raw),
  };
  return { shelf: new ShelvedCode(places, executed, 10), places, spot, code, probed };
}

test("given as much code as may wait, when one more comes, then the one that waited longest goes", () => {
  const { shelf, spot, code } = shelfOf(ran(interpreter, [1]).hart);
  for (let id = 1; id <= MAX_SHELVED; id += 1) assert.equal(shelf.add({ id, code, exported: undefined }), []);
  assert.equal(shelf.add({ id: MAX_SHELVED + 1, code, exported: undefined }), [1]);
  assert.is(shelf.take(spot)?.id, MAX_SHELVED + 1, "the latest first");
  assert.equal(shelf.add({ id: MAX_SHELVED + 1, code, exported: undefined }), []);
});

test("given code that waits, when somebody probes one of its instructions, then it does not come back", () => {
  const { shelf, spot, code, probed } = shelfOf(ran(interpreter, [1]).hart);
  shelf.add({ id: 1, code, exported: undefined });
  probed.add(Number(CODE));
  assert.is(shelf.take(spot), undefined);
  probed.clear();
  assert.is(shelf.take(spot)?.id, 1);
});

test("given code that waits, then the next arrival at its place is reported, and only that one", () => {
  const { shelf, places, spot, code } = shelfOf(ran(interpreter, [1]).hart);
  shelf.add({ id: 1, code, exported: undefined });
  assert.not(shelf.arrived(spot), "nobody awaits it yet");
  shelf.await(code);
  assert.is(places.heat(spot), 9);
  assert.ok(shelf.arrived(spot));
  assert.is(places.heat(spot), 0);
  assert.not(shelf.arrived(spot));
  shelf.awaitOn(spot.codePage);
  assert.ok(shelf.arrived(spot));
  shelf.await(code);
  assert.is(shelf.take(spot)?.id, 1);
  assert.not(shelf.arrived(spot), "it is there again");
});

test.run();
