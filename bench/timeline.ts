/**
 * `npm run bench:timeline`: what it costs to ask a recording, as ratios to one replay of it in the same process. A
 * Debian boot, and one under work; without the images that `npm run debian:fetch` brings, nothing.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { cachedDebianImages } from "../scripts/debian/debian-images.js";
import { debianGuest, initrdWithWork } from "./debian-rows.js";
import { PROMPT } from "../scripts/debian/initramfs.js";

const COMMAND = new URL("../bin/foldvm.js", import.meta.url).pathname;
const ASK = new URL("timeline/ask.ts", import.meta.url).pathname;

const SCRIPTS: Readonly<Record<string, readonly string[]>> = {
  boot: [`wait "${PROMPT}"`, 'type "poweroff\\n"'],
  work: [`wait "${PROMPT}"`, 'type "work\\n"', 'wait "work is done"', `wait "${PROMPT}"`, 'type "poweroff\\n"'],
};

const images = await cachedDebianImages();
if (images === undefined) {
  console.log("no Debian images here: npm run debian:fetch brings them");
  process.exit(0);
}
const wanted = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "foldvm-timeline-"));
try {
  for (const [name, lines] of Object.entries(SCRIPTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const guest = debianGuest(images);
    const initrd = name === "work" ? initrdWithWork(images.initrd, directory) : images.initrd;
    const script = join(directory, `${name}.script`);
    const log = join(directory, `${name}.fold`);
    writeFileSync(script, `${lines.join("\n")}\n`);
    const machine = [
      "--memory",
      `${String(guest.memoryMiB)}M`,
      "--bios",
      guest.bios ?? "none",
      "--kernel",
      guest.kernel,
    ];
    const options = ["--initrd", initrd, "--append", guest.append ?? "", "--seed", "timeline", "--script", script];
    execFileSync(process.execPath, [COMMAND, "record", "-o", log, "--quiet", ...machine, ...options], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    // Each in a process of its own: the first jump of a process is one of the figures.
    for (const part of ["asked", "threads", "written", "fresh"]) {
      execFileSync(process.execPath, ["--import", "tsx", ASK, name, log, part], { stdio: "inherit" });
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
