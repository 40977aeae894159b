import { test } from "uvu";
import * as assert from "uvu/assert";

import { parseArguments } from "../../src/cli/arguments.js";

const OPTIONS = {
  memory: { short: "m", value: "SIZE", help: "" },
  append: { value: "TEXT", help: "", mayBeEmpty: true },
  bios: { value: "FILE", help: "" },
  monitor: { value: "unix:PATH", isOptional: true, help: "" },
  force: { short: "f", help: "" },
} as const;

const refusals = (words: string[], operand?: string): readonly string[] =>
  parseArguments(words, OPTIONS, operand).problems;

for (const words of [
  ["--memory", "256M"],
  ["--memory=256M"],
  ["-m", "256M"],
  ["-m256M"],
  ["-memory", "256M"],
  ["-memory=256M"],
]) {
  test(`given ${words.join(" ")}, when read, then it is the memory`, () => {
    assert.is(parseArguments(words, OPTIONS).get("memory"), "256M");
  });
}

test("given an option that may be repeated, when it is, then its values come in order; any other may not", () => {
  const options = { ...OPTIONS, drive: { value: "FILE", help: "", isRepeatable: true } } as const;
  const read = parseArguments(["--drive", "a", "-drive=b", "--memory", "1G", "--drive", "c"], options);
  assert.equal(read.all("drive"), ["a", "b", "c"]);
  assert.equal(read.all("bios"), []);
});

test("given a value with spaces, equals signs and dashes, when read, then it comes whole", () => {
  const value = "-x console=ttyS0 --y";
  assert.is(parseArguments(["--append", value], OPTIONS).get("append"), value);
  assert.is(parseArguments([`--append=${value}`], OPTIONS).get("append"), value);
  assert.is(parseArguments(["--append", ""], OPTIONS).get("append"), "");
});

test("given flags and an operand in any order, when read, then all are there", () => {
  const args = parseArguments(["-f", "a.fold", "-bios", "none"], OPTIONS, "FILE");
  assert.equal(args.operands, ["a.fold"]);
  assert.ok(args.has("force"));
  assert.is(args.get("bios"), "none");
  assert.equal(parseArguments(["--", "-odd"], OPTIONS, "FILE").operands, ["-odd"]);
});

const REFUSALS: readonly (readonly [string[], string | undefined, RegExp])[] = [
  [["--memroy", "1"], undefined, /no option --memroy; is --memory meant\?/],
  [["--frobnicate"], undefined, /no option --frobnicate; --help lists/],
  [["-hda", "x"], undefined, /no option -hda; name disks with --drive file=FILE/],
  [["--blockdev=file=x"], undefined, /no option --blockdev; name disks with --drive/],
  [["-hda", "x", "-memory", "1G"], undefined, /no option -hda/],
  [["--frob", "x"], undefined, /no option --frob; --help lists/],
  [["-mem", "1"], undefined, /no option -mem; is --memory meant/],
  [["--memory"], undefined, /--memory needs a value: --memory SIZE/],
  [["--memory", ""], undefined, /--memory needs a value: --memory SIZE; it is empty/],
  [["--memory="], undefined, /--memory needs a value: --memory SIZE; it is empty/],
  [["--monitor", ""], undefined, /--monitor needs a value: --monitor unix:PATH; it is empty/],
  [["--monitor=", "a"], "FILE", /--monitor needs a value/],
  [[""], "FILE", /FILE is empty: give its name/],
  [["--force=yes"], undefined, /--force takes no value: leave out yes/],
  [["-m", "1", "--memory", "2"], undefined, /--memory is given twice/],
  [[], "FILE", /FILE is missing/],
  [["a", "b"], "FILE", /one FILE at a time: b/],
];
for (const [words, operand, message] of REFUSALS) {
  test(`given ${JSON.stringify(words)}, when read, then one message names the word and the remedy`, () => {
    const [problem = "", ...more] = refusals(words, operand);
    assert.match(problem, message);
    assert.equal(more, []);
  });
}

test("given several problems, when read, then all are found", () => {
  assert.is(refusals(["--memroy", "1", "-hda", "x", "--force=yes", "--memory"]).length, 4);
});

test("given a value that looks like the option for help, when read, then it is a value", () => {
  const args = parseArguments(["--append", "-h"], OPTIONS);
  assert.is(args.get("append"), "-h");
  assert.not.ok(args.wantsHelp);
  for (const word of ["-h", "--help", "-help"]) assert.ok(parseArguments([word], OPTIONS).wantsHelp);
});

test("given an option whose value may be left out, when a word follows, then it is the value only where it can be nothing else", () => {
  const options = { monitor: { value: "PLACE", isOptional: true, help: "" } } as const;
  assert.is(parseArguments(["-monitor", "stdio"], options).get("monitor"), "stdio");
  assert.is(parseArguments(["-monitor"], options).get("monitor"), "");
  const withOperand = parseArguments(["--monitor", "a.fold"], options, "FILE");
  assert.is(withOperand.get("monitor"), "");
  assert.equal(withOperand.operands, ["a.fold"]);
});

test("given names that every object has, when they are options, then there are no such options", () => {
  assert.match(refusals(["--constructor"])[0] ?? "", /no option --constructor/);
  assert.match(refusals(["--toString"])[0] ?? "", /no option --toString/);
});

test.run();
