import { test } from "uvu";
import * as assert from "uvu/assert";

import { parseArguments, UsageError } from "../../src/cli/arguments.js";

const OPTIONS = {
  memory: { short: "m", value: "SIZE", help: "" },
  append: { value: "TEXT", help: "" },
  bios: { value: "FILE", help: "" },
  force: { short: "f", help: "" },
} as const;

const refusal = (words: string[], operand?: string): string => {
  try {
    parseArguments(words, OPTIONS, operand);
  } catch (error) {
    assert.instance(error, UsageError);
    return (error as UsageError).message;
  }
  return "";
};

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
  [["-machine", "virt"], undefined, /no option -machine; there is one machine/],
  [["-M", "virt"], undefined, /no option -M; there is one machine/],
  [["--memory"], undefined, /--memory needs a value: --memory SIZE/],
  [["--force=yes"], undefined, /--force takes no value: leave out yes/],
  [["-m", "1", "--memory", "2"], undefined, /--memory is given twice/],
  [["--append", "console=ttyS0", "quiet"], undefined, /what is quiet for\?.*needs quotes/],
  [[], "FILE", /FILE is missing/],
  [["a", "b"], "FILE", /one FILE at a time: b/],
];
for (const [words, operand, message] of REFUSALS) {
  test(`given ${JSON.stringify(words)}, when read, then the message names the word and the remedy`, () => {
    assert.match(refusal(words, operand), message);
  });
}

test("given names that every object has, when they are options, then there are no such options", () => {
  assert.match(refusal(["--constructor"]), /no option --constructor/);
  assert.match(refusal(["--toString"]), /no option --toString/);
});

test.run();
