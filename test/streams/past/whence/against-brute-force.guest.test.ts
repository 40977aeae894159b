/** The last writer of every register and byte is the one that brute force finds. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { findRegister } from "../../../../src/machine/named-registers.js";
import { at } from "../../../../src/streams/past/query/at.js";
import { whence, type Source } from "../../../../src/streams/past/whence/index.js";
import { lastWriters, type Writer } from "../../../support/last-writers.js";
import { freshSeed, oneOf, seededRandom } from "../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    whence: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);
const logs = fileURLToPath(new URL("../../../../logs", import.meta.url));

const WINDOWS = Number(process.env["FOLDVM_WINDOWS"] ?? 2);
const PLACES = Number(process.env["FOLDVM_QUERIES"] ?? 25);
const LONGEST_INSNS = 4000;
/** A hart has fields that no register shows, as its privilege. Where it stands is not followed. */
const isAsked = (key: string): boolean => {
  const name = key.split(" ")[1] ?? "";
  return key.startsWith("@") || (name !== "pc" && findRegister(name) !== undefined);
};

/** What wrote a register or a byte, as `whence` says; undefined: it lay there before. */
const writerOf = ({ at: when, kind }: Source): Writer | undefined =>
  when === undefined
    ? undefined
    : { seq: when.seq, icount: when.icount, by: kind === "copied" || kind === "device" ? "device" : "hart" };

for (const name of ["session", "race-fails", "virtio", "clock"]) {
  test(`given windows of the golden log ${name}, when registers and bytes are followed, then the writers are those of brute force`, () => {
    let found = 0;
    for (let window = 0; window < WINDOWS; window += 1) {
      const recording = openRecording(join(logs, `${name}.fold`));
      const { instructions } = recording.info;
      const insns = Math.min(instructions, 200 + random(LONGEST_INSNS));
      const from = random(instructions - insns + 1);
      const moments = [1, 2].map(() => from + 1 + random(insns)).sort((a, b) => a - b);
      for (const { seq, icount, writers } of lastWriters(openRecording(join(logs, `${name}.fold`)), from, moments)) {
        const moment = at(recording, { seq, icount });
        const keys = [...writers.keys()].filter(isAsked);
        for (let index = 0; index < PLACES && keys.length > 0; index += 1) {
          const key = index % 5 === 4 ? oneOf(random, REGISTERS) : oneOf(random, keys);
          const place = key.startsWith("@")
            ? { address: Number(key.slice(1)), bytes: 1 }
            : `$${key.split(" ")[1] ?? ""}`;
          const where = `FOLDVM_SEED=${String(seed)}, ${name} from ${String(from)}, ${key} at ${String(seq)}@${String(icount)}`;
          const writer = writerOf(whence(moment, place));
          const expected = writers.get(key);
          if (expected === undefined) assert.ok((writer?.icount ?? 0) <= from, `${where}: a writer in the window`);
          else assert.equal(writer, expected, where);
          found += Number(expected !== undefined);
        }
      }
      recording.close();
    }
    assert.ok(found > 10, `only ${String(found)} writers were compared`);
  });
}

const REGISTERS = Array.from({ length: 31 }, (_, index) => `0 x${String(index + 1)}`);

test.run();
