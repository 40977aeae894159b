/**
 * Modules out of a kernel package, with those that they need first: what an initramfs has to load before there is a
 * disk.
 */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

export interface KernelModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Paths by the names of modules; a file may be compressed. */
export type ModuleFiles = ReadonlyMap<string, string>;

/** All modules in the tree of an unpacked kernel package. */
export const moduleFiles = async (tree: string): Promise<ModuleFiles> => {
  const files = new Map<string, string>();
  // Before and after Debian merged /lib into /usr/lib.
  for (const folder of ["lib/modules", "usr/lib/modules"]) {
    for (const file of await readdir(join(tree, folder), { recursive: true }).catch(() => [])) {
      const name = /^(.*)\.ko(\.xz)?$/.exec(basename(file))?.[1];
      if (name !== undefined) files.set(name.replaceAll("-", "_"), join(tree, folder, file));
    }
  }
  if (files.size === 0) throw new Error("the kernel package has no modules");
  return files;
};

/** In the order in which they can be loaded. What is built into the kernel has no file, and is passed over. */
export const kernelModules = async (files: ModuleFiles, names: readonly string[]): Promise<readonly KernelModule[]> => {
  const loaded = new Map<string, KernelModule>();
  const load = async (name: string): Promise<void> => {
    const key = name.replaceAll("-", "_");
    const file = files.get(key);
    if (file === undefined || loaded.has(key)) return;
    const bytes = await decompressed(file);
    for (const needed of dependencies(bytes)) await load(needed);
    loaded.set(key, { name: key, bytes });
  };
  for (const name of names) await load(name);
  return [...loaded.values()];
};

/**
 * From the module's own information section: `depends=a,b`. The package has no list of them: depmod makes it on the
 * machine.
 */
const dependencies = (bytes: Uint8Array): readonly string[] => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const listed = /\0depends=([^\0]*)\0/.exec(text)?.[1] ?? "";
  return listed === "" ? [] : listed.split(",");
};

const decompressed = async (file: string): Promise<Uint8Array> => {
  if (!file.endsWith(".xz")) return readFile(file);
  const { stdout } = await promisify(execFile)("xz", ["-dc", file], { encoding: "buffer", maxBuffer: 1 << 26 });
  return stdout;
};
