// The user's browser: asked to open an address where there is a display, and no fault where it is not.
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openBrowser } from "../../../src/streams/host/open-browser.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const URL = "http://localhost:8080/?token=a$b&c";

test("given a display, when an address is opened, then xdg-open gets it as it is", () =>
  withTemporaryFolder(async (folder) => {
    const [program, opened] = [join(folder, "xdg-open"), join(folder, "opened")];
    writeFileSync(program, `#!/bin/sh\nprintf %s "$1" > ${opened}.part; mv ${opened}.part ${opened}\n`);
    chmodSync(program, 0o755);
    const path = `${folder}:${process.env["PATH"] ?? ""}`;
    assert.ok(openBrowser(URL, { PATH: path, DISPLAY: ":0" }, "linux"));
    while (!existsSync(opened)) await setTimeout(10);
    assert.is(readFileSync(opened, "utf8"), URL);
  }));

test("given no display, then nothing is tried; and a browser that is not there is no fault", async () => {
  assert.not(openBrowser(URL, { PATH: "" }, "linux"));
  assert.ok(openBrowser(URL, { PATH: "", WAYLAND_DISPLAY: "wayland-0" }, "linux"));
  await setTimeout(100);
});

test.run();
