/** A recording for a test goes up to a target; where that is none, no machine is left that runs. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TYPESCRIPT } from "../../../../scripts/typescript/node-words.js";

const LIBRARY = fileURLToPath(new URL("../../../../src/node-test.ts", import.meta.url));
const MOST_MS = 30_000;

/** A process of its own: one that ends must not be kept by what it started. A line for each target. */
const saidOf = (...targets: readonly string[]): readonly string[] => {
  const program = `
    import { recordUntil } from ${JSON.stringify(LIBRARY)};
    const machine = { kernel: "guests/demo/demo.elf", memory: "8M", seed: "test" };
    for (const until of [${targets.join()}])
      await recordUntil({ machine }, until).catch(({ name, message }) => console.log(name + ": " + message));`;
  const args = [...TYPESCRIPT, "--input-type=module", "--eval", program];
  const { stdout, stderr, signal } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: MOST_MS });
  assert.is(signal, null, `it runs on: ${stdout}`);
  assert.is(stderr, "");
  return stdout.trimEnd().split("\n");
};

test("given what is no target, then it is refused as recordUntil's, and nothing runs on", () => {
  const [place = "", state = "", nothing = "", ...more] = saidOf(`{ place: "x" }`, "{ state: 5 }", "undefined");
  assert.match(place, /^OptionError: recordUntil: place "x"/);
  assert.match(state, /^OptionError: recordUntil: state 5/);
  assert.match(nothing, /^OptionError: recordUntil/);
  assert.is(more.length, 0);
});

test("given a predicate that throws, then its error comes out, and nothing runs on", () => {
  assert.equal(saidOf(`{ state: () => { throw new RangeError("thrown"); } }`), ["RangeError: thrown"]);
});

test.run();
