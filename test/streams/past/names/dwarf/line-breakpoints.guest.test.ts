// Where breakpoints at lines are: gdb's places of every line of the demo.
import { execFileSync } from "node:child_process";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openNames } from "../../../../../src/streams/session/name-files.js";
import { Names } from "../../../../../src/streams/past/names/names.js";
import { DEMO_ELF } from "../../../../support/demo-guest.js";
import { requires } from "../../../../support/requires.js";

const FILES = ["link.c", "race.c", "main.c", "format.c", "shell.c", "string.c", "trap.c", "memtest.c"];

const name = "given the demo, when a line is to be stopped at, then it is where gdb stops, once in each copy of it";
if (requires(name, ["gdb-multiarch"]))
  test(name, () => {
    const names = new Names(() => [openNames(DEMO_ELF)]);
    const lines = FILES.flatMap((file) => names.linesOf(file).map((line) => ({ file, line })));
    assert.ok(lines.length > 150);
    const script = lines.flatMap(({ file, line }) => [
      "-ex",
      `python print('@', *sorted(s.pc for s in gdb.decode_line('${file}:${String(line)}')[1]))`,
    ]);
    const said = execFileSync("gdb-multiarch", ["-q", "-batch", "-nx", ...script, DEMO_ELF], { encoding: "utf8" });
    const gdb = said.split("\n").filter((one) => one.startsWith("@"));
    for (const [index, { file, line }] of lines.entries()) {
      const expected = (gdb[index] ?? "").split(" ").slice(1);
      assert.equal(names.breakAddressesOf(file, line).map(String), expected, `${file}:${String(line)}`);
    }
  });

test.run();
