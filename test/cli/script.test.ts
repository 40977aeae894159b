import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, foldvm, type Answer } from "./command-line.js";

/** Runs the demo under a script; standard input stays open, and says nothing. */
const scripted = async (lines: readonly string[], ...more: readonly string[]): Promise<Answer> => {
  let answer: Answer | undefined;
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "boot.txt");
    writeFileSync(path, lines.join("\n"));
    answer = await foldvm(["run", ...DEMO, "--script", path, ...more]);
  });
  if (answer === undefined) throw new Error("it ran");
  return answer;
};

test("given a script, when run, then it waits, types and checks the exit code, which is then success", async () => {
  const { code, stdout, stderr } = await scripted([
    "# the first prompt",
    'wait "demo> "',
    'type "crc\\n"',
    "",
    'wait "demo> "',
    'type "panic 3\\n"',
    "expect-exit 3",
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /crc[\s\S]*panic 3/);
  assert.match(stderr, "the guest ended with code 3");
});

test("given another exit code, when run, then the failure names file and line", async () => {
  const { code, stderr } = await scripted(['wait "demo> "', 'type "panic 3\\n"', "expect-exit 0"]);
  assert.is(code, 1);
  assert.match(stderr, /boot\.txt:3: .*code 3.*expects exit code 0/);
});

test("given a wait that never comes, when the guest ends, then the failure names file and line", async () => {
  const { code, stderr } = await scripted(['wait "demo> "', 'type "poweroff\\n"', "# and now?", 'wait "login:"']);
  assert.is(code, 1);
  assert.match(stderr, /boot\.txt:4: .*before it printed "login:"/);
});

test("given a wait that never comes, when the time is over, then the failure says both", async () => {
  const { code, stderr } = await scripted(['wait "login:"', 'type "x"'], "--timeout", "0.3");
  assert.is(code, 42);
  assert.match(stderr, /--timeout.*boot\.txt:1: .*"login:" was not printed within 0\.3 s/);
  assert.not.match(stderr, "guest ended");
});

test("given an exit that never comes, when the time is over, then the host's end is not taken for it", async () => {
  const { code, stderr } = await scripted(['wait "demo> "', "expect-exit 0"], "--timeout", "0.3");
  assert.is(code, 42);
  assert.match(stderr, /boot\.txt:2: .*did not end within 0\.3 s; the script expects exit code 0/);
});

test("given a script that is done, when the guest goes on, then the run does too, and the script is no failure", async () => {
  const { code, stderr } = await scripted(['wait "demo> "'], "--timeout", "0.5");
  assert.is(code, 42, stderr);
  assert.not.match(stderr, "boot.txt");
});

for (const [name, line, message] of [
  ["an unknown word", "sleep 5", /boot\.txt: line 2 of the script: sleep/],
  ["no JSON string", 'wait "a', /boot\.txt: line 2 of the script: wait/],
  ["an odd code", "expect-exit no", /boot\.txt: line 2 of the script: expect-exit no/],
] as const) {
  test(`given a line with ${name}, when run, then nothing runs, and the error names file and line`, async () => {
    const { code, stdout, stderr } = await scripted(['wait "demo> "', line]);
    assert.is(code, 2);
    assert.is(stdout, "");
    assert.match(stderr, message);
  });
}

test("given a script that is not there, when run, then the error names it", async () => {
  const { code, stderr } = await foldvm(["run", ...DEMO, "--script", "no-such.txt"]);
  assert.is(code, 66);
  assert.is(stderr, "foldvm: can't read the script no-such.txt: no such file or directory\n");
});

test("given a script of a recording, when it is not kept, then the recording is whole", async () => {
  await withTemporaryFolder(async (folder) => {
    const [script, path] = [join(folder, "s.txt"), join(folder, "a.fold")];
    writeFileSync(script, 'wait "demo> "\ntype "poweroff\\n"\nwait "more"\n');
    assert.is((await foldvm(["record", "-o", path, ...DEMO, "--script", script])).code, 1);
    const { code, stdout } = await foldvm(["verify", path, "--json"]);
    assert.is(code, 0);
    assert.is((JSON.parse(stdout) as { complete: boolean }).complete, true);
  });
});

test.run();
