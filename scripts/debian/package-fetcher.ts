/** Unpacked packages of Debian's archive, each fetched once, with a list of what came. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { ARCHITECTURE, openPrivateApt } from "./private-apt.js";

export interface PackageFetcher {
  /** Gives the directory that the package is unpacked in. */
  unpack(name: string): Promise<string>;
  /** Of the newest kernel there is. */
  unpackKernel(): Promise<KernelPackage>;
  /** Package name to version, of those that were unpacked. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface KernelPackage {
  /** The package's name and version, as one word. */
  readonly id: string;
  readonly name: string;
  readonly tree: string;
  /** A raw Linux `Image`. */
  readonly kernel: string;
}

/** `directory` is filled with the archive's index and the packages. */
export const openPackageFetcher = async (
  directory: string,
  report: (line: string) => void,
): Promise<PackageFetcher> => {
  const apt = await openPrivateApt(directory, report);
  const packages: Record<string, string> = {};
  const trees = new Map<string, string>();
  const unpack = async (name: string): Promise<string> => {
    const known = trees.get(name);
    if (known !== undefined) return known;
    const { version } = await apt.show(name);
    report(`fetching ${name} ${version}`);
    const tree = await apt.unpack(name);
    trees.set(name, tree);
    packages[name] = version;
    return tree;
  };
  const unpackKernel = async (): Promise<KernelPackage> => {
    const meta = await apt.show(`linux-image-${ARCHITECTURE}`);
    const name = meta.depends.find((depended) => depended.startsWith("linux-image-"));
    if (name === undefined) throw new Error(`${meta.name} ${meta.version} names no kernel package`);
    const tree = await unpack(name);
    return { id: `${name}_${packages[name] ?? ""}`, name, tree, kernel: await kernelIn(join(tree, "boot")) };
  };
  return { unpack, unpackKernel, packages };
};

const kernelIn = async (boot: string): Promise<string> => {
  const name = (await readdir(boot)).find((file) => /^vmlinu[xz]-/.test(file));
  if (name === undefined) throw new Error(`the kernel package has no /boot/vmlinux-*`);
  return join(boot, name);
};
