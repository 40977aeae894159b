import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { counting } from "../streams/chaos/two-harts.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm, testStdio, type TestStdio } from "./command-line.js";

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

test("given a strategy without a seed, when recorded, then what is told is an option that makes the same recording", async () => {
  await withGuest(async (path, guest) => {
    const chaos = ["--chaos", "strategy=pct,depth=2,insns=300_000"];
    const { stderr } = await foldvm(["record", ...chaos, "-o", path("a.fold"), ...guest]);
    const [, option = ""] = /chaos: (--chaos \S+)\n/.exec(stderr) ?? [];
    assert.match(option, /^--chaos seed=[0-9a-f]{12},strategy=pct,depth=2,insns=300000$/);
    await foldvm(["record", ...option.split(" "), "-o", path("b.fold"), ...guest]);
    assert.equal(readFileSync(path("a.fold")), readFileSync(path("b.fold")));
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

/** Standard input has this, and ends. */
function typed(text: string): TestStdio {
  const stdio = testStdio();
  stdio.stdin.end(text);
  return stdio;
}

const LATE = '{"icount":900000000,"type":"schedule/turnEnded"}';

test("given a schedule that goes on beyond the run's end, when recorded, then what did not happen is told with its line", async () => {
  await withGuest(async (path, guest) => {
    writeFileSync(path("s.ndjson"), `# by hand\n\n{"icount":5,"type":"schedule/turnEnded"}\n${LATE}\n${LATE}\n`);
    const words = ["record", "-o", path("x.fold"), "--schedule", path("s.ndjson"), "--json", ...guest];
    const { stderr } = await foldvm(words);
    const warning =
      /warning: 2 of the schedule's 3 deviations did not happen: .* at 900,000,000, (.*): line 4 of the sch/;
    assert.is(warning.exec(stderr)?.[1], path("s.ndjson"), stderr);
    const outcome = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as { deviations: number; warning: string };
    assert.is(outcome.deviations, 1);
    assert.match(outcome.warning, "2 of the schedule's 3");
  });
});

test("given a schedule with a hart that the machine lacks, when recorded, then it is refused before anything is made", async () => {
  await withGuest(async (path, guest) => {
    writeFileSync(path("s.ndjson"), '#\n{"icount":30000,"type":"schedule/hartPrioritized","hart":2,"priority":1}\n');
    const { code, stderr } = await foldvm(["record", "-o", path("x.fold"), "--schedule", path("s.ndjson"), ...guest]);
    assert.is(code, 2, stderr);
    assert.match(stderr, `${path("s.ndjson")}: line 2 of the schedule: hart 2: the machine has harts 0 to 1`);
    assert.not.ok(existsSync(path("x.fold")));
  });
});

test("given --schedule -, when recorded, then it is read from standard input, and nobody types", async () => {
  await withGuest(async (path, guest) => {
    const line = '{"icount":5,"type":"schedule/turnEnded"}\n';
    writeFileSync(path("s.ndjson"), line);
    await foldvm(["record", "-o", path("a.fold"), "--schedule", path("s.ndjson"), ...guest]);
    await foldvm(["record", "-o", path("b.fold"), "--schedule", "-", ...guest], typed(line));
    assert.equal(readFileSync(path("a.fold")), readFileSync(path("b.fold")));
    const { code, stderr } = await foldvm(["record", "-o", path("c.fold"), "--schedule", "-", ...guest], typed("{\n"));
    assert.is(code, 2, stderr);
    assert.match(stderr, "standard input: line 1 of the schedule: expected an object");
  });
});

test("given pct over more instructions than the run has, when recorded, then that is told with what to give", async () => {
  await withGuest(async (path, guest) => {
    const pct = (more: string): readonly string[] => [
      "record",
      "-f",
      "-o",
      path("x.fold"),
      `--chaos=s,strategy=pct${more}`,
    ];
    const { stderr } = await foldvm([...pct(""), ...guest]);
    const [, insns = ""] =
      /pct spread its 2 changes over 10,000,000 instructions; .*: give insns=(\d+)\n/.exec(stderr) ?? [];
    assert.ok(Number(insns) > 0, stderr);
    assert.not.match((await foldvm([...pct(",insns=1000"), ...guest])).stderr, "pct spread");
    assert.not.match((await foldvm([...pct(",depth=1"), ...guest])).stderr, "pct spread");
  });
});

test("given the documented schedule, when recorded, then hart 1 takes the turn at once and keeps it as told", async () => {
  await withGuest(async (path, guest) => {
    const [, example = ""] = /```ndjson\n([^`]*)```/.exec(readFileSync("docs/cli.md", "utf8")) ?? [];
    const turns = async (name: string, schedule: string): Promise<readonly string[]> => {
      writeFileSync(path("s.ndjson"), schedule);
      const { code, stderr } = await foldvm(["record", "-o", path(name), "--schedule", path("s.ndjson"), ...guest]);
      assert.is(code, 0, stderr);
      assert.not.match(stderr, "did not happen");
      const looks = [99, 101, 60_000, 89_999].map((icount) => `run_until ${String(icount)}\n`).join("");
      const { stdout } = await foldvm(["replay", path(name), "--monitor"], typed(looks));
      return [...stdout.matchAll(/, hart (\d)/g)].map(([, hart = ""]) => hart);
    };
    assert.equal(await turns("a.fold", example), ["0", "1", "1", "1"]);
    const withoutEnd = example.replace(/.*turnEnded.*\n/, "");
    assert.equal(await turns("b.fold", withoutEnd), ["0", "0", "1", "1"]);
  });
});

test.run();
