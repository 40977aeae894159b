/** The Debian guest's kernel with debugging information: one file of a package of 1 GB, kept in the cache. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { cacheDirectory } from "./cache-directory.js";
import { cachedDebianImages, debianImages, type DebianImages } from "./debian-images.js";
import { keepImages, readManifest } from "./image-manifest.js";
import { openPrivateApt } from "./private-apt.js";
import { withTemporaryDirectory } from "./temporary-directory.js";

export interface DebianDebugOptions {
  readonly cache?: string;
  readonly report?: (line: string) => void;
}

/** The path of the ELF file of the cached kernel. Fetched where it is not there yet. */
export const debianDebug = async ({
  cache = cacheDirectory(),
  report = () => undefined,
}: DebianDebugOptions = {}): Promise<string> => {
  const kernel = kernelOf(await debianImages({ cache, report }));
  return (await kept(cache, kernel)) ?? (await fetchDebug(cache, kernel, report));
};

/** What is in the cache already, without any network; undefined where it is not there, or of another kernel. */
export const cachedDebianDebug = async (cache = cacheDirectory()): Promise<string | undefined> => {
  const images = await cachedDebianImages(cache);
  return images === undefined ? undefined : kept(cache, kernelOf(images));
};

const FOLDER = "debian-debug";
const VMLINUX = "vmlinux";
const KERNEL_PREFIX = "linux-image-";

interface KernelVersion {
  /** Of the package. */
  readonly name: string;
  readonly version: string;
}

const kernelOf = ({ packages }: DebianImages): KernelVersion => {
  const [name, version] = Object.entries(packages).find(([one]) => one.startsWith(KERNEL_PREFIX)) ?? [];
  if (name === undefined || version === undefined) throw new Error("the Debian images name no kernel package");
  return { name, version };
};

const directoryOf = ({ name, version }: KernelVersion): string => `${name}_${version}`;

const kept = async (cache: string, kernel: KernelVersion): Promise<string | undefined> => {
  const manifest = await readManifest(join(cache, FOLDER));
  return manifest?.directory === directoryOf(kernel) ? join(cache, FOLDER, manifest.directory, VMLINUX) : undefined;
};

const fetchDebug = (cache: string, kernel: KernelVersion, report: (line: string) => void): Promise<string> =>
  withTemporaryDirectory(join(cache, FOLDER), async (temporary) => {
    const apt = await openPrivateApt(join(temporary, "apt"), report);
    const name = `${kernel.name}-dbg`;
    report(`fetching ${name} ${kernel.version}`);
    const made = join(temporary, "made");
    await mkdir(made);
    const path = `usr/lib/debug/boot/vmlinux-${kernel.name.slice(KERNEL_PREFIX.length)}`;
    try {
      await apt.unpackFile(name, kernel.version, path, join(made, VMLINUX));
    } catch (cause) {
      const remedy = "where the archive has a newer kernel today: npm run debian:fetch -- --refresh --debug";
      throw new Error(`${cause instanceof Error ? cause.message : String(cause)}; ${remedy}`, { cause });
    }
    const directory = directoryOf(kernel);
    await keepImages(made, join(cache, FOLDER), { directory, packages: { [name]: kernel.version } });
    report(`the kernel's debugging information is in ${join(cache, FOLDER, directory)}`);
    return join(cache, FOLDER, directory, VMLINUX);
  });
