/** The Debian guest: kernel, initramfs and firmware, fetched once through apt and kept in the cache directory. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { cacheDirectory } from "./cache-directory.js";
import { keepImages, readManifest, writeAtomically, type ImageManifest } from "./image-manifest.js";
import { initramfs } from "./initramfs.js";
import { kernelModules, moduleFiles } from "./kernel-modules.js";
import { openPackageFetcher } from "./package-fetcher.js";
import { SUITE } from "./private-apt.js";
import { withTemporaryDirectory } from "./temporary-directory.js";

/** Absolute paths of files that are there, whole and as Debian's archive has them. */
export interface DebianImages {
  /** A raw Linux `Image`. */
  readonly kernel: string;
  /** Our initramfs around Debian's static busybox. */
  readonly initrd: string;
  /** The same with the kernel's modules for virtio disks, network cards and ext4, loaded before there is a shell. */
  readonly initrdWithModules: string;
  /** OpenSBI's `fw_jump.elf`. */
  readonly firmware: string;
  /** U-Boot for `virt` in M-mode and in S-mode (behind the firmware). */
  readonly uboot: string;
  readonly ubootSupervisor: string;
  /** Package name to version, as fetched. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface DebianOptions {
  readonly cache?: string;
  /** Fetch again what the archive has today. Kernels fetched before stay, since recordings name them. */
  readonly refresh?: boolean;
  readonly report?: (line: string) => void;
}

/** Gives the images, from the cache alone when it is complete. Any number of processes may call it, and be killed. */
export const debianImages = async (options: DebianOptions = {}): Promise<DebianImages> => {
  const root = join(options.cache ?? cacheDirectory(), "debian");
  const cached = options.refresh === true ? undefined : await cachedManifest(root);
  return images(root, cached ?? (await fetchImages(root, options.report ?? (() => undefined))));
};

/** The images when they are in the cache already, without any network: what a test can run with. */
export const cachedDebianImages = async (cache = cacheDirectory()): Promise<DebianImages | undefined> => {
  const root = join(cache, "debian");
  const manifest = await cachedManifest(root);
  return manifest === undefined ? undefined : images(root, manifest);
};

const KERNEL = "vmlinux";
const BUSYBOX = "busybox";
const INITRD = "initramfs.cpio";
const INITRD_WITH_MODULES = "initramfs-modules.cpio";

/** With those that they need, in this order: the same kernel makes the same initramfs. */
const MODULES = [
  "virtio_mmio",
  "virtio_net",
  "virtio_blk",
  "crc16",
  "crc32c_generic",
  "mbcache",
  "jbd2",
  "ext4",
] as const;
const MODULE_SUFFIX = ".ko";

/** Files of packages that a machine may have installed: those serve, and else their package is fetched. */
const FIRMWARE = {
  firmware: { package: "opensbi", path: "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf" },
  uboot: { package: "u-boot-qemu", path: "/usr/lib/u-boot/qemu-riscv64/u-boot.bin" },
  ubootSupervisor: { package: "u-boot-qemu", path: "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin" },
} as const;

type FirmwareName = keyof typeof FIRMWARE;

const FIRMWARE_NAMES: readonly FirmwareName[] = ["firmware", "uboot", "ubootSupervisor"];

const firmwareFile = (name: FirmwareName): string => (name === "firmware" ? "fw_jump.elf" : `${name}.bin`);

const cachedManifest = async (root: string): Promise<ImageManifest | undefined> => {
  const manifest = await readManifest(root);
  if (manifest === undefined) return undefined;
  const complete = FIRMWARE_NAMES.every(
    (name) => manifest.files[firmwareFile(name)] ?? existsSync(FIRMWARE[name].path),
  );
  return complete && MODULES.every((name) => manifest.files[name + MODULE_SUFFIX] !== undefined) ? manifest : undefined;
};

const images = async (root: string, manifest: ImageManifest): Promise<DebianImages> => {
  const file = (name: string): string => join(root, manifest.directory, name);
  // Made from the cached busybox each time (milliseconds), so that it is always what this version of foldvm makes.
  const busybox = await readFile(file(BUSYBOX));
  const fetched = Object.keys(manifest.files).filter((name) => name.endsWith(MODULE_SUFFIX));
  const modules = new Map(fetched.map((name) => [basename(name, MODULE_SUFFIX), file(name)]));
  await keep(file(INITRD), initramfs(busybox));
  await keep(file(INITRD_WITH_MODULES), initramfs(busybox, await kernelModules(modules, MODULES)));
  const firmware = (name: FirmwareName): string =>
    manifest.files[firmwareFile(name)] === undefined ? FIRMWARE[name].path : file(firmwareFile(name));
  return {
    kernel: file(KERNEL),
    initrd: file(INITRD),
    initrdWithModules: file(INITRD_WITH_MODULES),
    firmware: firmware("firmware"),
    uboot: firmware("uboot"),
    ubootSupervisor: firmware("ubootSupervisor"),
    packages: manifest.packages,
  };
};

const keep = async (path: string, bytes: Uint8Array): Promise<void> => {
  const existing = await readFile(path).catch(() => undefined);
  if (existing?.equals(bytes) !== true) await writeAtomically(path, bytes);
};

const fetchImages = (root: string, report: (line: string) => void): Promise<ImageManifest> =>
  withTemporaryDirectory(root, async (temporary) => {
    const fetcher = await openPackageFetcher(join(temporary, "apt"), report);
    const staging = join(temporary, "images");
    await mkdir(staging);
    const kernel = await fetcher.unpackKernel();
    await copyFile(kernel.kernel, join(staging, KERNEL));
    const files = await moduleFiles(kernel.tree);
    const missing = MODULES.find((name) => !files.has(name));
    if (missing !== undefined) throw new Error(`${kernel.name} has no module ${missing}`);
    // Decompressed here: the guest's busybox takes a billion instructions for it.
    for (const { name, bytes } of await kernelModules(files, MODULES))
      await writeFile(join(staging, name + MODULE_SUFFIX), bytes);
    await copyFile(busyboxIn(await fetcher.unpack("busybox-static")), join(staging, BUSYBOX));
    for (const name of FIRMWARE_NAMES) {
      const { package: packageName, path } = FIRMWARE[name];
      if (!existsSync(path))
        await copyFile(join(await fetcher.unpack(packageName), path), join(staging, firmwareFile(name)));
    }
    const directory = `${SUITE}-${kernel.id}`;
    const manifest = await keepImages(staging, root, { directory, packages: fetcher.packages });
    report(`the Debian guest is in ${join(root, directory)}`);
    return manifest;
  });

const busyboxIn = (root: string): string => {
  // Before and after Debian merged /bin into /usr/bin.
  const path = ["usr/bin/busybox", "bin/busybox"].map((name) => join(root, name)).find((name) => existsSync(name));
  if (path === undefined) throw new Error("busybox-static holds no busybox");
  return path;
};
