// The packed package in the test runners that it has entries for: vitest, and Node's own.
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { packAndInstall } from "../scripts/pack.js";
import { requires } from "./support/requires.js";
import { snippetsOf } from "./support/snippets.js";

const VITEST = "vitest@3.2.4";
const tsc = join(process.cwd(), "node_modules/typescript-native/bin/tsc");
const runners = suite("foldvm in test runners");

let folder: string | undefined;
let installing: Promise<string> | undefined;

const project = (): Promise<string> => (installing ??= install());

async function install(): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), "foldvm-runners-"));
  const { project: place } = await packAndInstall(folder, [VITEST]);
  for (const name of ["race-fails", "race-passes"]) await copyFile(`logs/${name}.fold`, join(place, `${name}.fold`));
  await copyFile("guests/demo/demo.elf", join(place, "demo.elf"));
  return place;
}

runners.after(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly stdout: string;
}

const ran = (args: readonly string[], cwd: string): Promise<Run> =>
  promisify(execFile)(process.execPath, args, {
    cwd,
    env: { ...process.env, NO_COLOR: "1", CI: "1", NODE_OPTIONS: "" },
  }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (fault: unknown) => fault as Run,
  );

/** What TypeScript says of a file, strictly. */
function compiled(file: string, place: string): Promise<Run> {
  const strict = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext"];
  const types = ["--types", "node", "--typeRoots", join(process.cwd(), "node_modules/@types")];
  return ran([tsc, ...strict, ...types, file], place);
}

const SPEC = `import { expect, test } from "vitest";
import { openRecording } from "foldvm";
import "foldvm/vitest";
const options = { images: { kernel: "demo.elf" } };
test("holds", async () => { await expect("race-fails.fold").toReplay({ code: 1, text: /FAIL/ }, options); });
test("fails", async () => { await expect("race-passes.fold").toReplay({ code: 7, text: "no such text" }, options); });
test("states", () => {
  const recording = openRecording("race-fails.fold", options);
  expect(recording.at(1000)).toBeSameState(recording.at(1000));
  expect(recording.at(1000)).toBeSameState(recording.at(1001));
});
test("equal", () => {
  const recording = openRecording("race-fails.fold", options);
  expect(recording.at(1000)).toEqual(recording.at(400_000));
});
`;

/** The README's, on a recording of the same name. */
const README = snippetsOf("README.md").find((code) => code.includes('"vitest"')) ?? "";

if (requires("foldvm in test runners", ["npm"])) {
  runners("given the README's spec for vitest, when it is compiled and run, then it passes", async () => {
    const place = await project();
    await copyFile("logs/race-fails.fold", join(place, "fails.fold"));
    await writeFile(join(place, "readme.test.ts"), README);
    assert.is((await compiled("readme.test.ts", place)).stdout, "");
    const { code, stdout } = await ran(["node_modules/vitest/vitest.mjs", "run", "readme.test.ts"], place);
    assert.is(code, 0, stdout);
    assert.match(stdout, /1 passed/);
  });

  runners("given vitest, when recordings and states are expected, then what fails is told in few lines", async () => {
    const place = await project();
    await writeFile(join(place, "some.test.ts"), SPEC);
    const { code, stdout } = await ran(
      ["node_modules/vitest/vitest.mjs", "run", "some.test.ts", "--reporter=json"],
      place,
    );
    assert.is(code, 1);
    const { testResults } = JSON.parse(stdout) as {
      testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
    };
    const results = new Map(testResults[0]?.assertionResults.map((result) => [result.title, result]));
    assert.equal(
      ["holds", "fails", "states", "equal"].map((title) => results.get(title)?.status),
      ["passed", "failed", "failed", "failed"],
      stdout,
    );
    assert.match(
      results.get("fails")?.failureMessages[0] ?? "",
      /code: asked for 7; it is 0\n {2}text: "no such text" is not printed\nprinted last:\n {2}\|/,
    );
    assert.match(results.get("states")?.failureMessages[0] ?? "", /position\.icount +1000 +1001/);
    const text = await ran(["node_modules/vitest/vitest.mjs", "run", "some.test.ts"], place);
    assert.ok(text.stdout.split("\n").length < 400, text.stdout);
  });

  runners("given strict TypeScript, when a spec uses the matchers, then their types are known", async () => {
    const place = await project();
    await writeFile(join(place, "some.test.ts"), SPEC);
    assert.is((await compiled("some.test.ts", place)).stdout, "");
  });

  runners("given Node's runner, when a replay is asserted, then what fails is told", async () => {
    const place = await project();
    const program = `import { test } from "node:test";
import { assertReplays, assertSameState, recordUntil } from "foldvm/node-test";
const options = { images: { kernel: "demo.elf" } };
test("holds", () => assertReplays("race-fails.fold", { code: 1, text: "FAIL" }, options));
test("made", async () => {
  const machine = { kernel: "demo.elf", memory: "8M", bios: "none", seed: "test" };
  const recording = await recordUntil({ machine, script: [{ wait: "demo> " }, { type: "uptime\\r" }] }, { text: "uptime" });
  await assertReplays(recording, { text: "demo> uptime" });
  assertSameState(recording.at(), recording.at());
});
test("fails", () => assertReplays("race-fails.fold", { code: 0 }, options));
`;
    await writeFile(join(place, "some.mjs"), program);
    const { code, stdout } = await ran(["--test", "--test-reporter=tap", "some.mjs"], place);
    assert.is(code, 1);
    assert.match(stdout, /ok 1 - holds/);
    assert.match(stdout, /ok 2 - made/);
    assert.match(stdout, /not ok 3 - fails/);
    assert.match(stdout, /code: asked for 0; it is 1/);
  });
}

runners.run();
