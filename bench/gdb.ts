/**
 * `npm run bench:gdb -- [--in FOLDER]`: what gdb waits for on a Debian boot, with its index and without.
 * The packets go over a socket; what gdb itself takes is one row. With a folder, the recording is kept in it.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { cachedDebianImages } from "../scripts/debian/debian-images.js";
import { recordDebian } from "./debian-recording.js";
import { measureRecording } from "./gdb/measure.js";

const COMMAND = new URL("../bin/foldvm.js", import.meta.url).pathname;

const { values } = parseArgs({ options: { in: { type: "string" } } });
const folder = values.in ?? mkdtempSync(join(tmpdir(), "foldvm-gdb-"));
mkdirSync(folder, { recursive: true });
try {
  const images = await cachedDebianImages();
  if (images === undefined) console.log("no Debian images here: npm run debian:fetch brings them");
  else {
    const log = recordDebian(images, "boot", folder);
    const index = join(folder, "boot.states");
    execFileSync(process.execPath, [COMMAND, "index", log, "--index", index, "--force"], { stdio: "ignore" });
    for (const [name, file] of [
      ["no index", "off"],
      ["indexed", index],
    ] as const)
      await measureRecording(name, log, file);
  }
} finally {
  if (values.in === undefined) rmSync(folder, { recursive: true, force: true });
}
