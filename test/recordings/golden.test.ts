// The golden logs in logs/: each opens, replays and ends as it did when it was recorded.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../src/machine/state-hash.js";
import type { EventType } from "../../src/reducers/events.js";
import { FORMAT_VERSIONS } from "../../src/streams/store/log/upcast.js";
import { openRecording } from "../../src/streams/session/open-recording.js";

const FOLDER = fileURLToPath(new URL("../../logs", import.meta.url));
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".fold"))
  .map((name) => name.replace(/\.fold$/, ""))
  .sort();

test("given the folder of golden logs, then those that were released are in it", () => {
  const released = ["clock", "panic", "race-fails", "race-passes", "session", "virtio", "snapshot", "packed", "branch"];
  for (const name of released) assert.ok(names.includes(name), name);
});

test("given the golden logs, then one is in each format that there is", () => {
  const formats = new Set(names.map((name) => openRecording(join(FOLDER, `${name}.fold`)).info.formatVersion));
  assert.equal([...formats].sort(), [...FORMAT_VERSIONS.keys()]);
});

for (const name of names) {
  test(`given the golden log ${name}, then it replays to its recorded end, with every state hash and the console`, async () => {
    const recording = openRecording(join(FOLDER, `${name}.fold`));
    assert.ok(recording.info.complete);
    const machine = recording.openMachine();
    const console: Uint8Array[] = [];
    machine.listen((effect) => {
      if (effect.type === "console/transmitted") console.push(effect.bytes);
    });
    const types = new Set<EventType>();
    await recording.replay$(machine).forEach(({ type }) => {
      types.add(type);
    });
    assert.is(machine.hash().toString(16).padStart(16, "0"), recording.info.stateHash);
    assert.is(machine.position.icount, recording.info.instructions);
    assert.ok(types.has("machine/shutdown"));
    const expected = readFileSync(join(FOLDER, `${name}.console.txt`));
    assert.is(Buffer.concat(console).toString("latin1"), expected.toString("latin1"));
  });
}

test("given the golden logs of the race, then the same guest passes in one and fails in the other", () => {
  const causes = ["race-passes", "race-fails"].map((name) => {
    const recording = openRecording(join(FOLDER, `${name}.fold`));
    return recording.at().power.off?.code;
  });
  assert.equal(causes, [0, 1]);
});

test("given the golden branch, then its parent's letter comes later, and all arrive", () => {
  const branch = openRecording(join(FOLDER, "branch.fold"));
  const parent = openRecording(join(FOLDER, "race-fails.fold"));
  assert.is(BigInt(`0x${branch.log.header.parent?.digest ?? ""}`), parent.log.identity);
  assert.is(branch.at().power.off?.code, 0);
});

test("given the golden snapshot, then it is the state that a replay comes to", () => {
  const recording = openRecording(join(FOLDER, "snapshot.fold"));
  const [{ icount, hash } = { icount: 0, hash: 0n }] = recording.snapshots;
  assert.is(hashOfState(recording.snapshot("half way")), hash);
  assert.is(hashOfState(openRecording(join(FOLDER, "panic.fold")).at(icount)), hash);
});

test("given the golden packed recording, then it needs no other file", () => {
  const bytes = readFileSync(join(FOLDER, "packed.fold"));
  assert.is(openRecording(bytes).at().position.icount, openRecording(bytes).info.instructions);
});

test.run();
