// -smp as QEMU has it: what its machine `virt` refuses is refused here.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hartCount } from "../../src/cli/smp-option.js";
import { DEMO, foldvm } from "./command-line.js";
import { REFUSED, REFUSED_HERE, TAKEN } from "./smp-lines.js";

for (const [value, harts] of TAKEN)
  test(`given -smp ${value}, when it is read, then the machine has the harts that QEMU's has`, () => {
    assert.is(hartCount(value), harts);
  });

for (const [value, message] of [...REFUSED, ...REFUSED_HERE])
  test(`given -smp ${value}, when run, then it is refused with what to do`, async () => {
    const { code, stderr } = await foldvm(["run", ...DEMO, "-smp", value]);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  });

test.run();
