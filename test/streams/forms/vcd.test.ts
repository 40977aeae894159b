/** Signals as a value change dump, read by a parser that takes nothing else. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { toVcd, type FormRows, type VcdOptions } from "../../../src/streams/forms/index.js";
import { signals } from "../../../src/streams/past/query/index.js";
import { rows } from "../../../src/streams/rows/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { parsedVcd, type Dump } from "./parsed-vcd.js";

async function dumpOf(source: FormRows, options: VcdOptions = {}): Promise<Dump> {
  let text = "";
  for await (const line of toVcd(source, options)) text += line;
  return parsedVcd(text);
}

for (const [name, range] of [
  ["race-fails", {}],
  ["race-fails", { from: 3_000_000, until: 9_000_000 }],
  ["virtio", {}],
] as const)
  test(`given the recording ${name} and ${JSON.stringify(range)}, then its dump has each change of each signal`, async () => {
    const recording = openRecording(`logs/${name}.fold`);
    const asked = signals(recording, range);
    const { widths, changes } = await dumpOf(rows(recording, { questions: { signals: asked } }));
    const expected = asked.toArray();
    assert.ok(expected.length > 30);
    assert.equal(
      changes,
      expected.map(({ ns, signal, value }) => [ns, signal, value]),
    );
    assert.equal(
      [...widths],
      expected.filter(({ isInitial }) => isInitial).map(({ signal, bits }) => [signal, bits]),
    );
  });

const at = (ns: bigint, more: object): never => ({ kind: "signals", seq: 0, icount: 0, ns, hart: 0, ...more }) as never;

test("given more signals than there are letters, and names that are none, then each is told apart by a word", async () => {
  const names = Array.from({ length: 9_000 }, (_, index) => `a device.a ${String(index)}`);
  const initial = names.map((signal) => at(0n, { signal, bits: 2, value: 1n, isInitial: true }));
  const { widths, changes } = await dumpOf([...initial, at(7n, { signal: names[8_999], bits: 2, value: 3n })]);
  assert.is(widths.size, names.length);
  assert.equal(changes.at(-1), [7n, "a_device.a_8999", 3n]);
});

test("given no change, then the dump says what there is", async () => {
  const { changes } = await dumpOf([at(5n, { signal: "line", bits: 1, value: 1n, isInitial: true })]);
  assert.equal(changes, [[5n, "machine.line", 1n]]);
});

test("given where it ends, then the dump goes on until then, and not back to it", async () => {
  const initial = at(5n, { signal: "line", bits: 1, value: 1n, isInitial: true });
  const change = at(7n, { signal: "line", bits: 1, value: 0n });
  assert.is((await dumpOf([initial], { endNs: 9n })).endNs, 9n);
  assert.is((await dumpOf([initial, change], { endNs: 9n })).endNs, 9n);
  assert.is((await dumpOf([initial, change], { endNs: 7n })).endNs, 7n);
  assert.is((await dumpOf([initial, change])).endNs, 7n);
});

test.run();
