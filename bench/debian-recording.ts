/** Recordings of Debian to be asked: its boot, and one under work. */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { DebianImages } from "../scripts/debian/debian-images.js";
import { PROMPT } from "../scripts/debian/initramfs.js";
import { debianGuest, initrdWithWork } from "./debian-rows.js";

const COMMAND = new URL("../bin/foldvm.js", import.meta.url).pathname;

export const DEBIAN_SCRIPTS = {
  boot: [`wait "${PROMPT}"`, 'type "poweroff\\n"'],
  work: [`wait "${PROMPT}"`, 'type "work\\n"', 'wait "work is done"', `wait "${PROMPT}"`, 'type "poweroff\\n"'],
} as const;
export type DebianScript = keyof typeof DEBIAN_SCRIPTS;

/** In the folder, as `NAME.fold`; one that is there is taken. The initial file system must stay as long as it does. */
export function recordDebian(images: DebianImages, name: DebianScript, folder: string): string {
  const log = join(folder, `${name}.fold`);
  if (existsSync(log)) return log;
  const guest = debianGuest(images);
  const initrd = name === "work" ? initrdWithWork(images.initrd, folder) : images.initrd;
  const script = join(folder, `${name}.script`);
  writeFileSync(script, `${DEBIAN_SCRIPTS[name].join("\n")}\n`);
  const memory = `${String(guest.memoryMiB)}M`;
  const machine = ["--memory", memory, "--bios", guest.bios, "--kernel", guest.kernel];
  const options = ["--initrd", initrd, "--append", guest.append ?? "", "--seed", "timeline", "--script", script];
  execFileSync(process.execPath, [COMMAND, "record", "-o", log, "--quiet", ...machine, ...options], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return log;
}
