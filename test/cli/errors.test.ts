import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { DEMO, foldvm } from "./command-line.js";

const COMMANDS = ["run", "record", "replay", "info", "events", "verify", "demo"];

test("given a command of one and more files, when its help is read, then it says so once", async () => {
  for (const name of ["serve", "view", "mcp"]) {
    const { stdout } = await foldvm([name, "--help"]);
    assert.match(stdout, new RegExp(`^usage: foldvm ${name} FILE\\.\\.\\. \\[options\\]\n`));
  }
  assert.match((await foldvm(["query", "--help"])).stdout, /^usage: foldvm query FILE QUESTION \[OF\] \[options\]\n/);
});

test("given --help anywhere, when called, then help is printed and the code is 0", async () => {
  for (const words of [["--help"], ["help"], ...COMMANDS.map((name) => [name, "--help"])]) {
    const { code, stdout, stderr } = await foldvm(words);
    assert.is(code, 0);
    assert.is(stderr, "");
    assert.match(stdout, /^usage: foldvm/);
  }
  for (const name of COMMANDS) assert.match((await foldvm(["--help"])).stdout, new RegExp(`^  ${name} `, "m"));
});

test("given --version, when called, then it is the package's", async () => {
  assert.match((await foldvm(["--version"])).stdout, /^foldvm \d+\.\d+\.\d+\n$/);
});

const CASES: readonly (readonly [name: string, words: readonly string[], code: number, message: RegExp])[] = [
  ["no command", [], 2, /^usage/],
  ["an unknown command", ["frob"], 2, /no command frob; there are run, record/],
  ["an unknown option", ["run", "--kernl", "x"], 2, /--kernl; is --kernel meant/],
  ["a disk that is not there", ["record", "-o", "x", "-drive", "file=a.img"], 66, /can't read the disk image a.img/],
  ["a disk by an option of its own", ["run", "-hda", "a.img"], 2, /-hda; name disks with --drive file=FILE/],
  ["a machine that stays when it is off", ["run", "--no-shutdown"], 2, /--no-shutdown; .*leave it out/],
  ["a disk without a file", ["run", "--drive", "format=raw"], 2, /which file.*file=FILE/],
  [
    "a disk of an unknown format",
    ["run", "--drive", "a.img,format=vdi"],
    2,
    /format=vdi: use format=raw or format=qcow2/,
  ],
  [
    "an unknown part of a disk",
    ["run", "--drive", "a.img,werror=stop"],
    2,
    /werror=: there is no such option; use file=FILE/,
  ],
  ["a disk to be written to without a word", ["run", "--drive", "a.img,snapshot=off"], 2, /say writeback=on/],
  ["a recording that changes its disk", ["record", "-o", "x", "--drive", "a,writeback=on"], 2, /foldvm export-disk/],
  ["no output", ["record", ...DEMO], 2, /-o FILE/],
  ["nine harts", ["run", ...DEMO, "--smp", "9"], 2, /smp 9: .*8/],
  ["a memory of nothing", ["run", "--kernel", "package.json", "--memory", "much"], 2, /memory much.*256M/],
  ["too large a shift", ["run", ...DEMO, "--shift", "11"], 2, /shift 11.*0 to 10/],
  ["a shift twice", ["run", "--shift", "1", "--icount", "shift=1"], 2, /give one/],
  ["QEMU's automatic shift", ["run", "--icount", "shift=auto"], 2, /shift=auto: .*choose shift=0 to shift=10/],
  ["an odd icount", ["run", "--icount", "align=on,sleep=off"], 2, /align=on,sleep=off: .*contradict/],
  ["an odd virtio device", ["run", "--virtio", "rng,blk"], 2, /--virtio blk: .*none, rng, console/],
  ["an odd timeout", ["run", ...DEMO, "--timeout", "soon"], 2, /--timeout soon: give seconds/],
  ["an odd exit code", ["run", ...DEMO, "--timeout-exit-code", "256"], 2, /0 to 255/],
  ["an empty text", ["run", ...DEMO, "--expect-text", ""], 2, /--expect-text needs a value/],
  ["no kernel", ["run"], 67, /nothing to run/i],
  ["a kernel that is not there", ["run", "--kernel", "no-such"], 66, /can't read the kernel no-such/],
  ["a kernel for another machine", ["run", "--kernel", process.execPath], 67, /not for RISC-V|larger|does not fit/],
  ["a folder that is not there", ["record", "-o", "no-such/a.fold", ...DEMO], 73, /no-such\/a\.fold can't be created/],
  ["no recording", ["replay"], 2, /FILE is missing/],
  ["a recording that is not there", ["replay", "no-such.fold"], 66, /no-such\.fold/],
  ["a file that is none", ["info", "package.json"], 65, /no foldvm recording/],
];
for (const [name, words, expected, message] of CASES) {
  test(`given ${name}, when called, then one line says what to do, and the code is ${String(expected)}`, async () => {
    const { code, stdout, stderr } = await foldvm(words);
    assert.is(code, expected, stderr);
    assert.match(stderr, message);
    assert.is(stdout, "");
    assert.not.match(stderr, /\n\s+at /);
    if (words.length > 0) assert.is(stderr.split("\n").length, 2);
  });
}

test("given a recording with a flipped bit, when opened, then the place is named and the code is 65", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.fold");
    await foldvm(["record", "-o", path, ...DEMO, "--append", "poweroff"]);
    const bytes = readFileSync(path);
    bytes[80]! ^= 1;
    writeFileSync(path, bytes);
    for (const command of ["info", "replay", "events", "verify"]) {
      const { code, stderr } = await foldvm([command, path]);
      assert.is(code, 65);
      assert.match(stderr, /segment 0, at byte 0/);
    }
  });
});

test.run();
