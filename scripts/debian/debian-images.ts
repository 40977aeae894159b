/** The Debian guest: kernel, initramfs and firmware, fetched once through apt and kept in the cache directory. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

import { cacheDirectory } from "./cache-directory.js";
import { digestOf, MANIFEST_VERSION, readManifest, writeAtomically, writeManifest } from "./image-manifest.js";
import type { FileDigest, ImageManifest } from "./image-manifest.js";
import { initramfs } from "./initramfs.js";
import { ARCHITECTURE, openPrivateApt, SUITE, type PrivateApt } from "./private-apt.js";
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

/** Below the kernel's modules, in the order in which they need each other. */
const MODULES = [
  "drivers/virtio/virtio_mmio",
  "net/core/failover",
  "drivers/net/net_failover",
  "drivers/net/virtio_net",
  "drivers/block/virtio_blk",
  "lib/crc/crc16",
  "crypto/crc32c_generic",
  "fs/mbcache",
  "fs/jbd2/jbd2",
  "fs/ext4/ext4",
] as const;
const moduleFile = (module: string): string => `${basename(module)}.ko`;

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
  return complete && MODULES.every((name) => manifest.files[moduleFile(name)] !== undefined) ? manifest : undefined;
};

const images = async (root: string, manifest: ImageManifest): Promise<DebianImages> => {
  const file = (name: string): string => join(root, manifest.directory, name);
  // Made from the cached busybox each time (milliseconds), so that it is always what this version of foldvm makes.
  const busybox = await readFile(file(BUSYBOX));
  const modules = MODULES.map(moduleFile);
  const contents = await Promise.all(modules.map(async (name) => ({ file: name, bytes: await readFile(file(name)) })));
  await keep(file(INITRD), initramfs(busybox));
  await keep(file(INITRD_WITH_MODULES), initramfs(busybox, contents));
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
    const apt = await openPrivateApt(join(temporary, "apt"), report);
    const staging = join(temporary, "images");
    await mkdir(staging);
    const packages: Record<string, string> = {};
    const unpack = fetching(apt, packages, report);

    const meta = await apt.show(`linux-image-${ARCHITECTURE}`);
    const kernelPackage = meta.depends.find((name) => name.startsWith("linux-image-"));
    if (kernelPackage === undefined) throw new Error(`${meta.name} ${meta.version} names no kernel package`);
    const kernelFiles = await unpack(kernelPackage);
    await copyFile(await kernelIn(join(kernelFiles, "boot")), join(staging, KERNEL));
    const modules = await modulesIn(kernelFiles);
    for (const name of MODULES) {
      const file = modules.get(moduleFile(name));
      if (file === undefined) throw new Error(`${kernelPackage} has no module ${name}`);
      // Unpacked here: the guest's busybox takes a billion instructions for it.
      await writeFile(join(staging, moduleFile(name)), await unpacked(file));
    }
    await copyFile(await busyboxIn(await unpack("busybox-static")), join(staging, BUSYBOX));
    for (const name of FIRMWARE_NAMES) {
      const { package: packageName, path } = FIRMWARE[name];
      if (!existsSync(path)) await copyFile(join(await unpack(packageName), path), join(staging, firmwareFile(name)));
    }

    const files: Record<string, FileDigest> = {};
    for (const name of (await readdir(staging)).sort()) files[name] = await digestOf(join(staging, name));
    const directory = `${SUITE}-${kernelPackage}_${packages[kernelPackage] ?? ""}`;
    await moveInto(staging, join(root, directory));
    const manifest: ImageManifest = { version: MANIFEST_VERSION, directory, packages, files };
    await writeManifest(root, manifest);
    report(`the Debian guest is in ${join(root, directory)}`);
    return manifest;
  });

const fetching = (apt: PrivateApt, packages: Record<string, string>, report: (line: string) => void) => {
  const unpacked = new Map<string, string>();
  return async (name: string): Promise<string> => {
    const known = unpacked.get(name);
    if (known !== undefined) return known;
    const { version } = await apt.show(name);
    report(`fetching ${name} ${version}`);
    const directory = await apt.unpack(name);
    unpacked.set(name, directory);
    packages[name] = version;
    return directory;
  };
};

export const kernelIn = async (boot: string): Promise<string> => {
  const name = (await readdir(boot)).find((file) => /^vmlinu[xz]-/.test(file));
  if (name === undefined) throw new Error(`the kernel package has no /boot/vmlinux-*`);
  return join(boot, name);
};

/** The modules' files by name. */
const modulesIn = async (root: string): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for (const folder of ["usr/lib/modules", "lib/modules"]) {
    const names = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    for (const name of names) if (/\.ko(\.xz)?$/.test(name)) found.set(basename(name, ".xz"), join(root, folder, name));
  }
  return found;
};

const unpacked = async (file: string): Promise<Uint8Array> => {
  if (!file.endsWith(".xz")) return readFile(file);
  const { stdout } = await promisify(execFile)("xz", ["-dc", file], { encoding: "buffer", maxBuffer: 1 << 26 });
  return stdout;
};

const busyboxIn = (root: string): Promise<string> => {
  // Before and after Debian merged /bin into /usr/bin.
  const path = ["usr/bin/busybox", "bin/busybox"].map((name) => join(root, name)).find((name) => existsSync(name));
  if (path === undefined) throw new Error("busybox-static holds no busybox");
  return Promise.resolve(path);
};

/** File by file: each rename is one step, and another run at work puts the same bytes there. */
const moveInto = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) await rename(join(from, name), join(to, name));
};
