// What runs on one version of Node runs on another: the core tests pass there, and a recording of one replays on the
// other, hash for hash.
// test-time-limit-seconds: 1800
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { TYPESCRIPT } from "../scripts/typescript/node-words.js";
import { debianMachine } from "../scripts/debian/debian-machine.js";
import { PROMPT } from "../scripts/debian/initramfs.js";
import { openRecording } from "../src/streams/session/open-recording.js";
import { DEMO } from "./cli/command-line.js";
import { requiresDebian } from "./support/debian.js";
import { OTHER_MAJOR, OWN_NODE, requiresOtherNode, runNode } from "./support/other-node.js";
import { withTemporaryFolder } from "./support/temporary-folder.js";

const NAME = `on Node ${String(OTHER_MAJOR)} as here`;
const other = requiresOtherNode(NAME);
const COMMAND = "bin/foldvm.js";
/** The files that are no guest tests, and those that run random programs on the engine. */
const CORE = [String.raw`^(?!.*\.guest\.test\.ts$)`, "machine/.*/equivalence"];

/** Recorded on each, verified on the other; the digests of both. */
const bothWays = (program: string, machine: readonly string[]): Promise<(string | null)[]> =>
  withTemporaryFolder(async (folder) => {
    const hashes: (string | null)[] = [];
    for (const [name, recorder, verifier] of [
      ["own", OWN_NODE, program],
      ["other", program, OWN_NODE],
    ] as const) {
      const file = join(folder, `${name}.fold`);
      const recorded = await runNode(recorder, [COMMAND, "record", "-o", file, ...machine]);
      assert.is(recorded.code, 0, recorded.output);
      const verified = await runNode(verifier, [COMMAND, "verify", file]);
      assert.is(verified.code, 0, verified.output);
      hashes.push(openRecording(file).info.stateHash);
    }
    return hashes;
  });

if (other !== undefined) {
  test("given the demo guest, when it is recorded on each, then the other replays it, and both end in one state", async () => {
    const [here, there] = await bothWays(other, [...DEMO, "--append", "crc; primes 20000; memtest; poweroff"]);
    assert.type(here, "string");
    assert.is(there, here);
  });

  const images = await requiresDebian(NAME);
  if (images !== undefined) {
    test("given Debian booted to its shell, when it is recorded on each, then the other replays it hash for hash", async () => {
      const options = Object.entries(debianMachine(images)).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const [here] = await bothWays(other, [...options, "--seed", "x", "--expect-text", PROMPT]);
      assert.type(here, "string");
    });
  }

  test("given the core tests, when they run there, then all pass", async () => {
    const { code, output } = await runNode(other, [...TYPESCRIPT, "scripts/test.ts", ...CORE]);
    assert.is(code, 0, output);
  });
}

test.run();
