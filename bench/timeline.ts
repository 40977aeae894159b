/**
 * `npm run bench:timeline -- [--in FOLDER] [boot] [work]`: what it costs to ask a recording, as ratios to one replay of
 * it in the same process. A Debian boot, and one under work; without the images that `npm run debian:fetch` brings,
 * nothing. With a folder, the recordings are kept in it, and those that are there are asked.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { cachedDebianImages, type DebianImages } from "../scripts/debian/debian-images.js";
import { debianGuest, initrdWithWork } from "./debian-rows.js";
import { PROMPT } from "../scripts/debian/initramfs.js";

const COMMAND = new URL("../bin/foldvm.js", import.meta.url).pathname;
const ASK = new URL("timeline/ask.ts", import.meta.url).pathname;

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  boot: [`wait "${PROMPT}"`, 'type "poweroff\\n"'],
  work: [`wait "${PROMPT}"`, 'type "work\\n"', 'wait "work is done"', `wait "${PROMPT}"`, 'type "poweroff\\n"'],
};

/** In the folder, as `NAME.fold`. The initial file system must stay as long as the recording does. */
function recordDebian(images: DebianImages, name: string, lines: readonly string[], folder: string): string {
  const log = join(folder, `${name}.fold`);
  if (existsSync(log)) return log;
  const guest = debianGuest(images);
  const initrd = name === "work" ? initrdWithWork(images.initrd, folder) : images.initrd;
  const script = join(folder, `${name}.script`);
  writeFileSync(script, `${lines.join("\n")}\n`);
  const memory = `${String(guest.memoryMiB)}M`;
  const machine = ["--memory", memory, "--bios", guest.bios ?? "none", "--kernel", guest.kernel];
  const options = ["--initrd", initrd, "--append", guest.append ?? "", "--seed", "timeline", "--script", script];
  execFileSync(process.execPath, [COMMAND, "record", "-o", log, "--quiet", ...machine, ...options], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return log;
}

const images = await cachedDebianImages();
if (images === undefined) {
  console.log("no Debian images here: npm run debian:fetch brings them");
  process.exit(0);
}
const { values, positionals: wanted } = parseArgs({ allowPositionals: true, options: { in: { type: "string" } } });
const folder = values.in ?? mkdtempSync(join(tmpdir(), "foldvm-timeline-"));
mkdirSync(folder, { recursive: true });
try {
  for (const [name, lines] of Object.entries(SCRIPTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const log = recordDebian(images, name, lines, folder);
    // Each in a process of its own: the first jump of a process is one of the figures.
    for (const part of ["asked", "threads", "written", "fresh"]) {
      execFileSync(process.execPath, ["--import", "tsx", ASK, name, log, part], { stdio: "inherit" });
    }
  }
} finally {
  if (values.in === undefined) rmSync(folder, { recursive: true, force: true });
}
