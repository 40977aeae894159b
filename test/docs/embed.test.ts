/** README's program that embeds a machine does what it is there for. Its images are those of a guest that ends soon. */
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../src/index.js";
import { inFolderLikeTheRoot, printedByProgram } from "../support/documented.js";
import { snippetsOf } from "../support/snippets.js";

const EMBEDDED = snippetsOf("README.md").find((code) => code.includes("consoleBackend")) ?? "";

test("given README's program, when it runs the demo, then its console is printed, and the run is recorded", async () => {
  const demo = EMBEDDED.replace(/^const images = .*$/m, 'const images = { kernel: "guests/demo/demo.elf" };').replace(
    '"console=ttyS0"',
    '"uptime; poweroff"',
  );
  await inFolderLikeTheRoot(async (folder) => {
    assert.match(await printedByProgram(demo, folder), /demo> uptime; poweroff\r?\nup /);
    const { info } = openRecording(join(folder, "linux.fold"), { images: { kernel: "guests/demo/demo.elf" } });
    assert.equal([info.complete, info.cause, info.machine.memoryBytes], [true, "guest-shutdown", 256 << 20]);
  });
});

test.run();
