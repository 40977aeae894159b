/** Modules out of a kernel package, with those that they need first: what an initramfs has to load before there is a disk. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

export interface KernelModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** In the order in which they can be loaded. `unpacked` is the kernel package's tree. */
export const kernelModules = async (unpacked: string, names: readonly string[]): Promise<readonly KernelModule[]> => {
  const modules = join(unpacked, "usr/lib/modules");
  const [version] = await readdir(modules);
  if (version === undefined) throw new Error("the kernel package has no modules");
  const root = join(modules, version, "kernel");
  const files = new Map<string, string>();
  for (const file of await readdir(root, { recursive: true })) {
    const name = /^(.*)\.ko(\.xz)?$/.exec(basename(file))?.[1];
    if (name !== undefined) files.set(name.replaceAll("-", "_"), join(root, file));
  }
  const loaded = new Map<string, KernelModule>();
  const load = async (name: string): Promise<void> => {
    const key = name.replaceAll("-", "_");
    const file = files.get(key);
    // What is built in has no file.
    if (file === undefined || loaded.has(key)) return;
    const bytes = await decompressed(file);
    for (const needed of dependencies(bytes)) await load(needed);
    loaded.set(key, { name: key, bytes });
  };
  for (const name of names) await load(name);
  return [...loaded.values()];
};

/** From the module's own information section: `depends=a,b`. The package has no list of them: depmod makes it on the machine. */
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
