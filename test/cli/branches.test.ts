/** `fork`, `minimize`, `causality`, and what `info` tells of branches. */
import { copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { DEMO_ELF } from "../support/demo-guest.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { spinning } from "../support/tiny-guests.js";
import { foldvm, testStdio } from "./command-line.js";
import { main } from "../../src/cli/main.js";

type At = (name: string) => string;

const GOLDEN = fileURLToPath(new URL("../../logs/race-fails.fold", import.meta.url));
const KERNEL = ["--kernel", DEMO_ELF];

/** A folder with the failing race. */
const withRace = (work: (at: At) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const at: At = (name) => join(folder, name);
    copyFileSync(GOLDEN, at("b.fold"));
    await work(at);
  });

const done = async (
  words: readonly string[],
  expected = 0,
): Promise<{ readonly stdout: string; readonly stderr: string }> => {
  const { code, ...said } = await foldvm(words);
  assert.is(code, expected, said.stderr);
  return said;
};

test("given a recording / when it is forked / then the branch is an ordinary recording, and info tells the tree", async () => {
  await withRace(async (at) => {
    const { stderr } = await done([
      "fork",
      at("b.fold"),
      ...KERNEL,
      "--at",
      "5000000",
      "--drop",
      "seq:22",
      "-o",
      at("other.fold"),
    ]);
    assert.match(stderr, "guest-panic, code 1");
    await done(["verify", at("other.fold")]);
    await done(["query", at("other.fold"), "output", "/byte 12/"]);
    await done(["fork", at("other.fold"), "--type", "seq:9=\\r", "-o", at("third.fold"), "-q"]);
    await done(["verify", at("third.fold")]);
    const { stdout: root } = await done(["info", at("b.fold")]);
    assert.match(root, /has branch +\S*other\.fold, up to instruction 5,400,000, event 21: drop seq:22; ended \S+/);
    assert.match(root, /has branch {6}\S*third\.fold, .*type seq:9=/);
    const { stdout: leaf } = await done(["info", at("third.fold")]);
    assert.match(leaf, /branch of +\S*other\.fold, up to .*\nbranch of +\S*b\.fold, up to /);
    const { ancestors, branches, parent } = JSON.parse((await done(["info", at("other.fold"), "--json"])).stdout) as {
      ancestors: readonly { readonly isFound: boolean }[];
      branches: readonly unknown[];
      parent: { readonly changes: readonly string[] };
    };
    assert.equal(
      ancestors.map(({ isFound }) => isFound),
      [true],
    );
    assert.is(branches.length, 1);
    assert.equal(parent.changes, ["drop seq:22"]);
  });
});

test("given every kind of change / when it is forked twice / then both are equal, byte for byte, and verify", async () => {
  await withRace(async (at) => {
    const changes = [
      ...["--drop", "17,seq:18", "--delay", "seq:19=-5_000", "--delay", "seq:22=2ms", "--change", "seq:23=byte=66"],
      ...["--fault", "26", "--insert", "4000000=uart16550/byteReceived,byte=65", "--type", "seq:13=\\r\\n"],
    ];
    const pipe = (): Promise<{ readonly stdout: string }> =>
      done(["fork", at("b.fold"), ...KERNEL, ...changes, "-o", "-", "-q"]);
    assert.is((await pipe()).stdout, (await pipe()).stdout);
    await done(["fork", at("b.fold"), ...KERNEL, ...changes, "-o", at("x.fold"), "-q"]);
    await done(["verify", at("x.fold")]);
    const patches = ["--at", "3000000", "--patch", "link:4=9", "--patch", "a0=0x10", "--chaos=x"];
    const { stdout } = await done(["fork", at("b.fold"), ...KERNEL, ...patches, "-o", at("y.fold"), "--json"]);
    assert.equal((JSON.parse(stdout) as { leaves: object }).leaves, { seq: 9, icount: 3_000_000 });
    await done(["verify", at("y.fold")]);
  });
});

test("given wrong words / when it is forked / then all of them are named, with a remedy", async () => {
  await withRace(async (at) => {
    const words = ["--drop", "a", "--delay", "seq:1", "--insert", "5=uart16550/byteReceved,byte=1", "--patch", "a0=x"];
    const { code, stderr } = await foldvm(["fork", at("b.fold"), ...words, "-o", at("x.fold")]);
    assert.is(code, 2);
    for (const part of ["--drop a", "seq:N=BY", "is uart16550/byteReceived meant?", "--patch a0=x"])
      assert.match(stderr, part);
    const where = await foldvm(["fork", at("b.fold")]);
    assert.match(where.stderr, "-o OUT");
    for (const [option, value, said] of [
      ["--drop", "seq:3", "the machine makes it itself"],
      ["--change", "seq:1=byte=256", "can't have that"],
      ["--change", "seq:1=bite=2", "byteReceived has byte"],
      ["--insert", "5=virtioNet/linkChanged,slot=0,up=1", "no such device"],
      ["--patch", "nothing=1", "nothing"],
      ["--at", "99999999999", "ends at icount"],
    ] as const) {
      const refused = await foldvm(["fork", at("b.fold"), ...KERNEL, option, value, "-o", at("x.fold")]);
      assert.is(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, said);
    }
  });
});

test("given a failing recording / when it is minimized / then little is left, and it fails", async () => {
  await withRace(async (at) => {
    const words = ["minimize", at("b.fold"), ...KERNEL, "--fail-text", "FAIL", "-o", at("small.fold")];
    const { stdout } = await done(words);
    assert.match(
      stdout,
      /^1 of 24 inputs left after \d+ trials; none of them can go\n {2}seq:\d+ {2}uart16550\/byteReceived byte \d+ {2}/,
    );
    const different =
      /\nit fails with: (FAIL: .*)\nanother line than FILE's: (FAIL: .*)\nto keep to that failure: --fail-text /;
    const [, found, original] = different.exec(stdout) ?? [];
    assert.match(String(original), /^FAIL: 24 bytes received, 23 delivered/);
    assert.is.not(found, original);
    await done(["verify", at("small.fold")]);
    const { code } = await foldvm(words);
    assert.is(code, 73, "it exists already");
    const json = await done([...words, "--force", "--json", "--max-trials", "5", "--keep-times"]);
    const { trials, left, minimal, kept, failingLine, originalLine } = JSON.parse(json.stdout) as Readonly<
      Record<string, unknown>
    >;
    assert.equal([trials, minimal, (kept as unknown[]).length === left], [5, false, true]);
    assert.match(String(failingLine), /^FAIL: /);
    assert.is(originalLine, original);
    const passing = await foldvm(["minimize", at("b.fold"), ...KERNEL, "--fail-code", "7"]);
    assert.is(passing.code, 2);
    assert.match(passing.stderr, "does not fail in this sense");
  });
});

test("given a minimize / when Ctrl-C comes / then the best so far is written, and the code is the signal's", async () => {
  await withRace(async (at) => {
    const stdio = testStdio({ isTerminal: true });
    const words = [
      "minimize",
      at("b.fold"),
      ...KERNEL,
      "--fail-text",
      "delivered, then nothing",
      "-o",
      at("small.fold"),
    ];
    const answered = main(words, stdio);
    setTimeout(() => {
      stdio.signal("SIGINT");
    });
    assert.is(await answered, 130);
    assert.match(stdio.printed(), "ended before its end");
    await done(["verify", at("small.fold")]);
  });
});

test("given a fork / when Ctrl-C comes on the way / then the code is the signal's, and nothing is left of the branch", async () => {
  await withTemporaryFolder(async (folder) => {
    const [kernel, recording] = [join(folder, "kernel"), join(folder, "long.fold")];
    writeFileSync(kernel, spinning());
    await done(["record", "-o", recording, "--kernel", kernel, "-m", "2M", "--seed", "x", "--timeout", "0.3"], 42);
    const whole = readdirSync(folder).sort();
    for (const place of ["1000", "end"]) {
      const stdio = testStdio();
      const words = ["--at", place, "--type", `${place}=x`, "--insns", "2000000000", "-o", join(folder, "other.fold")];
      const answered = main(["fork", recording, ...words], stdio);
      const signals = setInterval(() => {
        const isBegun = readdirSync(folder).some((name) => name.endsWith(".part"));
        if (isBegun || place === "end") stdio.signal("SIGINT");
      }, 1);
      const code = await answered.finally(() => {
        clearInterval(signals);
      });
      assert.is(code, 130);
      assert.equal(readdirSync(folder).sort(), whole);
    }
  });
});

test("given what is typed where the machine is off / when it is forked / then it says that nothing could be otherwise", async () => {
  await withRace(async (at) => {
    const { stderr } = await done(["fork", at("b.fold"), ...KERNEL, "--type", "end=foo", "-o", at("other.fold")]);
    assert.match(stderr, "as FILE so far: it ended before anything could be otherwise; ");
  });
});

test("given an input before the place of the fork / when it is put in / then it is refused, as one to be dropped is", async () => {
  await withRace(async (at) => {
    for (const edit of [
      ["--type", "4000000=x"],
      ["--insert", "4000000=uart16550/byteReceived,byte=65"],
    ]) {
      const { code, stderr } = await foldvm([
        ...["fork", at("b.fold"), ...KERNEL, "--at", "5000000", ...edit],
        ...["-o", at("other.fold")],
      ]);
      assert.is(code, 2, stderr);
      assert.match(stderr, /uart16550\/byteReceived, at 4000000, comes before the place of the fork; fork earlier/);
    }
  });
});

test("given a branch with many changes / when info is asked / then it says the first ones, and how many more there are", async () => {
  await withRace(async (at) => {
    const patches = Array.from({ length: 120 }, (_, index) => ["--patch", `a${String(index % 8)}=${String(index)}`]);
    await done([
      "fork",
      at("b.fold"),
      ...KERNEL,
      "--at",
      "1000",
      ...patches.flat(),
      "--insns",
      "10",
      "-o",
      at("many.fold"),
    ]);
    const { stdout } = await done(["info", at("many.fold")]);
    assert.match(stdout, /\nbranch of .*: patch a0=0; .*; patch a4=4; and 115 more\n/);
  });
});

test("given a branch without a change / when info is asked / then it says that it is all of its parent", async () => {
  await withRace(async (at) => {
    await done(["fork", at("b.fold"), ...KERNEL, "-o", at("same.fold")]);
    assert.match((await done(["info", at("same.fold")])).stdout, /\nbranch of .*: all of it; nothing is otherwise\n/);
    await done(["fork", at("b.fold"), ...KERNEL, "--insns", "5000000", "-o", at("short.fold")]);
    assert.not.match((await done(["info", at("short.fold")])).stdout, "nothing is otherwise");
  });
});

test("given a failing recording / when its causality is asked / then each place has its rate, and JSON its members", async () => {
  await withRace(async (at) => {
    const words = ["causality", at("b.fold"), ...KERNEL, "--positions", "2", "--runs", "2", "--chaos=seed=x"];
    const { stdout } = await done(words);
    assert.match(stdout, /^ +\d\S* {2}seq \d+ {2}\d of 2 failed, \d/);
    const lines = (await done([...words, "--json"])).stdout.trim().split("\n");
    const rows = lines.map((line) => Object.keys(JSON.parse(line) as object).sort());
    assert.equal(rows[0], ["failed", "icount", "interval", "ns", "rate", "runs", "seq"]);
    assert.equal(rows[2], ["inevitableFrom", "places", "whole"]);
    assert.is((await done([...words, "--jobs", "2"])).stdout, stdout);
  });
});

test.run();
