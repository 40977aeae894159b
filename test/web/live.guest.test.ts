// The page on a machine that runs: what is typed at its console is answered there, and the page goes on with it. Seen
// red: moments that were asked anew at each growth, and never answered.
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { ended, startFoldvm } from "../cli/command-line.js";
import { DEMO_ELF } from "../support/demo-guest.js";
import { inBrowser, status } from "../support/page-browser.js";
import { requires } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

if (requires("the page on a machine that runs", ["chromium"])) {
  test("given a machine that runs, when somebody types at it through the page, then it answers, and the page is there", () =>
    withTemporaryFolder(async (folder) => {
      const machine = ["--bios", "none", "--kernel", DEMO_ELF, "--memory", "8M", "-o", join(folder, "live.fold")];
      const child = startFoldvm(["serve", "--live", ...machine, "--port", "0"]);
      const url = await new Promise<string>((resolve) => {
        child.stderr.on("data", (text: Buffer) => {
          const address = /foldvm: (http:\S+)\n/.exec(text.toString())?.[1];
          if (address !== undefined) resolve(address);
        });
      });
      await inBrowser(url, async (page) => {
        const before = await status(page).innerText();
        const type = `foldvm.ask("type", { recording: 0, bytes: new TextEncoder().encode("help\\r") })`;
        await page.evaluate(type);
        await page.locator(".xterm-rows > div", { hasText: "end the run, exit code 0" }).waitFor();
        assert.is.not(await status(page).innerText(), before);
      });
      child.kill("SIGTERM");
      await ended(child);
    }));
}

test.run();
