// Debian for a test: from the cache, else from Debian's archive where nothing may be skipped.
import { cachedDebianDebug, debianDebug } from "../../scripts/debian/debian-debug.js";
import { cachedDebianDisk, debianDisk, type DebianDisk } from "../../scripts/debian/debian-disk.js";
import { cachedDebianImages, debianImages, type DebianImages } from "../../scripts/debian/debian-images.js";
import { cachedDebianProgram, debianProgram, type DebianProgram } from "../../scripts/debian/debian-program.js";
import { mayBeSkipped, requires, skip } from "./requires.js";

/** As `requires`: undefined where the test can't run. */
export const requiresDebian = async (name: string): Promise<DebianImages | undefined> => {
  const images = mayBeSkipped() ? await cachedDebianImages() : await debianImages();
  if (images === undefined) skip(name, "the Debian images are not in the cache (npm run debian:fetch)");
  return images;
};

/** The same with an ext4 root. */
export const requiresDebianDisk = async (name: string): Promise<DebianDisk | undefined> => {
  if (!requires(name, ["mke2fs", "e2fsck", "xz", "apt-get", "dpkg-deb"])) return undefined;
  const disk = mayBeSkipped() ? await cachedDebianDisk() : await debianDisk();
  if (disk === undefined) skip(name, "the Debian disk is not in the cache (npm run debian -- --disk makes it)");
  return disk;
};

/** That kernel's `vmlinux` with debugging information, for which 1 GB is fetched where nothing may be skipped. */
export const requiresDebianDebug = async (name: string): Promise<string | undefined> => {
  if (!requires(name, ["apt-get", "dpkg-deb"])) return undefined;
  const vmlinux = mayBeSkipped() ? await cachedDebianDebug() : await debianDebug();
  if (vmlinux === undefined) skip(name, "the kernel's vmlinux is not in the cache (npm run debian:fetch -- --debug)");
  return vmlinux;
};

/** A program as Debian compiled it, and its debugging information. */
export const requiresDebianProgram = async (name: string): Promise<DebianProgram | undefined> => {
  if (!requires(name, ["apt-get", "dpkg-deb"])) return undefined;
  const program = mayBeSkipped() ? await cachedDebianProgram() : await debianProgram();
  if (program === undefined) skip(name, "the Debian program is not in the cache (FOLDVM_REQUIRE_ALL=1 fetches it)");
  return program;
};
