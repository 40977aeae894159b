/** The driver of docs/adding-a-device.md, built and tried with the commands of the page. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { follow, snippetFor } from "./support/followed-guide.js";
import { requires } from "./support/requires.js";
import { withTemporaryFolder } from "./support/temporary-folder.js";

const name = "given the guide's driver, when it is built and tried as the page says, then the interrupt powers it off";

if (requires(name, ["riscv64-unknown-elf-gcc"])) {
  test(name, () =>
    withTemporaryFolder((folder) => {
      follow(folder);
      for (const path of ["button.S", "try-button.ts"]) writeFileSync(join(folder, path), snippetFor(path));
      const commands = readFileSync("docs/adding-a-device.md", "utf8").match(/^ {4}(?:riscv64-|node ).*$/gm) ?? [];
      assert.is(commands.length, 2);
      const [, printed] = commands.map((command) =>
        execFileSync("sh", ["-c", command], { cwd: folder, encoding: "utf8", stdio: "pipe" }),
      );
      assert.match(printed ?? "", "cause: 'guest-shutdown', code: 0");
    }),
  );
}

test.run();
