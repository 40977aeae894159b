import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { counting } from "../streams/live/chaos/two-harts.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

/** With a guest of two harts that ends by itself. */
const withGuest = (work: (path: (name: string) => string, guest: readonly string[]) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const path = (name: string): string => join(folder, name);
    writeFileSync(path("x.bin"), counting(20_000));
    const machine = ["--bios", "none", "--kernel", path("x.bin"), "--memory", "2M", "--smp", "2", "--seed", "x"];
    await work(path, [...machine, "--icount", "sleep=off"]);
  });

const SEED = /--chaos seed=([0-9a-f]{12})\n/;

test("given --chaos, when recorded, then chance's seed is told, and repeats the recording; it verifies", async () => {
  await withGuest(async (path, guest) => {
    const first = await foldvm(["record", "--chaos", "-o", path("a.fold"), ...guest]);
    const [, seed = ""] = SEED.exec(first.stderr) ?? [];
    assert.is(seed.length, 12, first.stderr);
    const again = await foldvm(["record", `--chaos=${seed}`, "-o", path("b.fold"), ...guest]);
    assert.is(again.code, first.code);
    assert.not.match(again.stderr, SEED);
    assert.equal(readFileSync(path("a.fold")), readFileSync(path("b.fold")));
    assert.is((await foldvm(["verify", path("a.fold")])).code, 0);
    const other = ["--chaos", "seed=another,strategy=pct,depth=3,insns=300000", "-o", path("c.fold")];
    const { stderr } = await foldvm(["record", ...other, ...guest, "--json"]);
    const outcome = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as { chaos: unknown };
    assert.equal(outcome.chaos, { seed: "another", strategy: "pct", depth: 3, insns: 300_000 });
    assert.not.equal(readFileSync(path("a.fold")), readFileSync(path("c.fold")));
  });
});

test("given a recording with chaos, when its schedule is printed and given to another, then that is the same", async () => {
  await withGuest(async (path, guest) => {
    await foldvm(["record", "--chaos", "s", "-o", path("a.fold"), ...guest]);
    const { code, stdout } = await foldvm(["schedule", path("a.fold")]);
    assert.is(code, 0);
    assert.match(stdout, /^\{"icount":\d+,"type":"(schedule|clock)\//);
    writeFileSync(path("s.ndjson"), stdout);
    await foldvm(["record", "--schedule", path("s.ndjson"), "-o", path("b.fold"), ...guest]);
    assert.equal(readFileSync(path("a.fold")), readFileSync(path("b.fold")));
  });
});

test("given a schedule or chaos that means nothing, when recorded, then file, line and field are told", async () => {
  await withGuest(async (path, guest) => {
    writeFileSync(path("s.ndjson"), '{"icount":5,"type":"schedule/turnEnded"}\n{"icount":6,"type":"clock/skewed"}\n');
    for (const [words, message] of [
      [["--schedule", path("s.ndjson")], `${path("s.ndjson")}: line 2 of the schedule: byNs: `],
      [["--schedule", path("none")], `the schedule ${path("none")} can't be read`],
      [["--schedule", "/dev/null", "--chaos"], "--chaos and --schedule: give one"],
      [["--chaos", "strategy=pkt"], "--chaos strategy=pkt: use strategy=random or strategy=pct"],
      [["--chaos", "seed=1,deep=2"], "--chaos deep=: there is no such option"],
      [["--chaos", "depth=2"], "chaos.depth 2: only the strategy pct has it"],
      [["--chaos", "strategy=pct,depth=65"], "depth 65: expected a whole number, 1 to 64"],
      [["--chaos", "strategy=pct,insns=x"], "--chaos insns x: give a whole number"],
    ] as const) {
      const { code, stderr } = await foldvm(["record", "-o", path("x.fold"), ...words, ...guest]);
      assert.is(code, 2, stderr);
      assert.ok(stderr.includes(message), stderr);
    }
  });
});

test("given a schedule whose last line ends beyond what is read at once, when it is read, then it is refused", async () => {
  await withGuest(async (_path, guest) => {
    const { code, stderr } = await foldvm(["run", "--schedule", "/dev/zero", ...guest]);
    assert.is(code, 2, stderr);
    assert.match(stderr, "it has more than 268435456 bytes");
  });
});

test.run();
