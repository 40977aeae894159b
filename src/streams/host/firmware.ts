/** Finds firmware that packages of this host installed, for QEMU's `-bios default`. */
import { existsSync } from "node:fs";

import { ImageError } from "./images.js";

/** Where QEMU and Debian's opensbi install OpenSBI's dynamic firmware. */
const PLACES: readonly string[] = [
  ...["/usr/share", "/usr/local/share", "/opt/homebrew/share"].map(
    (folder) => `${folder}/qemu/opensbi-riscv64-generic-fw_dynamic.bin`,
  ),
  "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin",
  "/usr/share/opensbi/lp64/generic/firmware/fw_dynamic.bin",
];

/** The first path that exists. @throws {ImageError} */
export function packagedFirmware(places: readonly string[] = PLACES): string {
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new ImageError(
    "IMAGE_MISSING",
    `bios default: there is no OpenSBI at ${places.join(", ")}; install one (Debian: opensbi or qemu-system-misc), or ` +
      "name a file as the bios",
  );
}
