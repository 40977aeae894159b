// Every command that takes a place of a recording takes it in the same words.
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { at } from "../../src/streams/past/query/at.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const FILE = "logs/race-fails.fold";
const recording = openRecording(FILE);
const { info } = recording;
const printed = at(recording, { text: /link/ }).position;
const PRINTED = `${String(printed.seq)}@${String(printed.icount)}`;
recording.close();

/** What only a recording knows; each form by itself is place-words.test.ts. */
const FORMS = ["end", "/link/", "event:uart16550/*"];

/** The words of a command that is at a place, with files in a folder. */
const COMMANDS: Readonly<Record<string, (where: string, folder: string) => readonly string[]>> = {
  "replay --from": (where) => ["replay", FILE, "--quiet", "--from", where],
  "replay --until": (where) => ["replay", FILE, "--quiet", "--until", where],
  "core --at": (where, folder) => ["core", FILE, "-o", join(folder, "core"), "--at", where],
  "query --from": (where) => ["query", FILE, "output", "--from", where],
  "query --until": (where) => ["query", FILE, "output", "--until", where],
  "whence --at": (where) => ["whence", FILE, "a0", "--depth", "1", "--at", where],
  "diff @WHERE": (where) => ["diff", `${FILE}@${where}`, `@${where}`],
  "fork --at": (where, folder) => ["fork", FILE, "-o", join(folder, "out"), "--insns", "10", "--at", where],
  "fork --type": (where, folder) => ["fork", FILE, "-o", join(folder, "out"), "--type", `${where}=x`],
};

for (const [name, wordsOf] of Object.entries(COMMANDS)) {
  test(`given ${name}, then it takes a place in words, and refuses what is none with all of them`, () =>
    withTemporaryFolder(async (folder) => {
      for (const [index, where] of FORMS.entries()) {
        const { code, stderr } = await foldvm(wordsOf(where, folder).map((word) => own(word, folder, index)));
        // 1: a question without a row.
        assert.ok(code === 0 || (code === 1 && name.startsWith("query")), `${where}: ${String(code)} ${stderr}`);
      }
      if (name === "diff @WHERE") return;
      const { code, stderr } = await foldvm(wordsOf("noon", folder));
      assert.is(code, 2);
      assert.match(stderr, /noon: give an instruction count, seq:N, .*\/TEXT\/ or event:TYPE/);
    }));
}

/** Each call writes files of its own. */
const own = (word: string, folder: string, index: number): string =>
  word.startsWith(folder) ? `${word}${String(index)}` : word;

test("given the end, then a branch leaves there, and not at the beginning", () =>
  withTemporaryFolder(async (folder) => {
    const words = ["fork", FILE, "-o", join(folder, "out"), "--json", "--insns", "10", "--at", "end"];
    const { stdout, stderr } = await foldvm(words);
    assert.is((JSON.parse(stdout) as { leaves: { icount: number } }).leaves.icount, info.instructions, stderr);
  }));

test("given a text, then states are compared where it was printed; its = and @ are its own", async () => {
  const { code, stderr } = await foldvm(["diff", `${FILE}@/link/`, `@${PRINTED}`]);
  assert.is(code, 0, stderr);
  const none = await foldvm(["diff", `${FILE}@/a@end/`, "@end"]);
  assert.match(none.stderr, /no console prints \/a@end\//);
  assert.match((await foldvm(["fork", FILE, "-o", "x", "--type", "/a=b/=x"])).stderr, /no console prints \/a=b\//);
});

test.run();
