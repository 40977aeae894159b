/**
 * `npm run bench:timeline -- [--in FOLDER] [boot] [work]`: what it costs to ask a recording, as ratios to one replay of
 * it in the same process. A Debian boot, and one under work; without the images that `npm run debian:fetch` brings,
 * nothing. With a folder, the recordings are kept in it, and those that are there are asked.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { TYPESCRIPT } from "../scripts/typescript/node-words.js";
import { cachedDebianImages } from "../scripts/debian/debian-images.js";
import { DEBIAN_SCRIPTS, recordDebian, type DebianScript } from "./debian-recording.js";

const ASK = new URL("timeline/ask.ts", import.meta.url).pathname;

const images = await cachedDebianImages();
if (images === undefined) {
  console.log("no Debian images here: npm run debian:fetch brings them");
  process.exit(0);
}
const { values, positionals: wanted } = parseArgs({ allowPositionals: true, options: { in: { type: "string" } } });
const folder = values.in ?? mkdtempSync(join(tmpdir(), "foldvm-timeline-"));
mkdirSync(folder, { recursive: true });
try {
  for (const name of Object.keys(DEBIAN_SCRIPTS) as DebianScript[]) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const log = recordDebian(images, name, folder);
    // Each in a process of its own: the first jump of a process is one of the figures.
    for (const part of ["asked", "threads", "written", "fresh"]) {
      execFileSync(process.execPath, [...TYPESCRIPT, ASK, name, log, part], { stdio: "inherit" });
    }
  }
} finally {
  if (values.in === undefined) rmSync(folder, { recursive: true, force: true });
}
