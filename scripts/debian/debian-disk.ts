/**
 * The Debian guest with a disk: a kernel, an initramfs with the modules of that kernel, and an ext4 root to put on a
 * drive.
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { cacheDirectory } from "./cache-directory.js";
import { debianImages } from "./debian-images.js";
import { diskInitramfs } from "./disk-initramfs.js";
import { keepImages, readManifest } from "./image-manifest.js";
import { kernelModules, moduleFiles } from "./kernel-modules.js";
import { openPackageFetcher } from "./package-fetcher.js";
import { makeRootImage, ROOT_PACKAGES } from "./root-file-system.js";
import { withTemporaryDirectory } from "./temporary-directory.js";

/** Absolute paths. */
export interface DebianDisk {
  readonly kernel: string;
  readonly initrd: string;
  readonly firmware: string;
  /** A raw ext4 image. */
  readonly root: string;
}

export interface DebianDiskOptions {
  readonly cache?: string;
  readonly report?: (line: string) => void;
}

/** From the cache alone when it is complete; else fetched and made, which takes apt, dpkg-deb, xz and mke2fs. */
export const debianDisk = async ({
  cache = cacheDirectory(),
  report = () => undefined,
}: DebianDiskOptions = {}): Promise<DebianDisk> => (await cachedDebianDisk(cache)) ?? (await make(cache, report));

/** What is in the cache already, without any network; undefined where it is not all there. */
export const cachedDebianDisk = async (cache = cacheDirectory()): Promise<DebianDisk | undefined> => {
  const folder = join(cache, FOLDER);
  const manifest = await readManifest(folder);
  if (manifest === undefined) return undefined;
  const file = (name: string): string => join(folder, manifest.directory, name);
  const firmware = (await debianImages({ cache })).firmware;
  return { kernel: file(KERNEL), initrd: file(INITRD), firmware, root: file(ROOT) };
};

const FOLDER = "debian-disk";
const KERNEL = "vmlinux";
const INITRD = "initramfs.cpio";
const ROOT = "root.ext4";
/**
 * What is between this kernel and a disk or a network card; what is built in is passed over. ext4 asks for crc32c by
 * name alone.
 */
const MODULES = ["crc32c_generic", "virtio_mmio", "virtio_blk", "virtio_net", "virtio_rng", "ext4"];

const make = async (cache: string, report: (line: string) => void): Promise<DebianDisk> => {
  // busybox is in that cache; its kernel may be another one than the archive's of today.
  const { initrd } = await debianImages({ cache, report });
  const busybox = join(initrd, "..", "busybox");
  const folder = join(cache, FOLDER);
  await withTemporaryDirectory(folder, async (temporary) => {
    const fetcher = await openPackageFetcher(join(temporary, "apt"), report);
    const made = join(temporary, "made");
    await mkdir(made);
    const kernel = await fetcher.unpackKernel();
    await copyFile(kernel.kernel, join(made, KERNEL));
    const modules = await kernelModules(await moduleFiles(kernel.tree), MODULES);
    await writeFile(join(made, INITRD), diskInitramfs(await readFile(busybox), modules));
    const trees: string[] = [];
    for (const name of ROOT_PACKAGES) trees.push(await fetcher.unpack(name));
    report("making the ext4 root");
    await makeRootImage(join(made, ROOT), join(temporary, "root"), trees, busybox);
    await keepImages(made, folder, { directory: kernel.id, packages: fetcher.packages });
  });
  const disk = await cachedDebianDisk(cache);
  if (disk === undefined) throw new Error("the Debian disk was made, and is not whole");
  return disk;
};
