/** The list of what a complete download holds: a file that is not as listed is fetched again, never booted. */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** `directory` is relative to the manifest; the files' names are relative to that directory. */
export interface ImageManifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly directory: string;
  /** Package name to version. */
  readonly packages: Readonly<Record<string, string>>;
  /** File name to what it must be. */
  readonly files: Readonly<Record<string, FileDigest>>;
}

export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

const MANIFEST_VERSION = 1;

/** Moves the files in `made` to `directory` in `root`, and lists them there. */
export const keepImages = async (
  made: string,
  root: string,
  { directory, packages }: Pick<ImageManifest, "directory" | "packages">,
): Promise<ImageManifest> => {
  const names = (await readdir(made)).sort();
  const files: Record<string, FileDigest> = {};
  for (const name of names) files[name] = await digestOf(join(made, name));
  // File by file: each rename is one step, and another run at work puts the same bytes there.
  await mkdir(join(root, directory), { recursive: true });
  for (const name of names) await rename(join(made, name), join(root, directory, name));
  const manifest: ImageManifest = { version: MANIFEST_VERSION, directory, packages, files };
  // In one step too: a reader sees the old one or the new one.
  await writeAtomically(join(root, FILE_NAME), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
};

/** The manifest at `root`, when it is whole and every file is as it lists it; undefined else. */
export const readManifest = async (root: string): Promise<ImageManifest | undefined> => {
  const text = await readFile(join(root, FILE_NAME), "utf8").catch(() => undefined);
  const manifest = text === undefined ? undefined : parse(text);
  if (manifest === undefined) return undefined;
  const checks = Object.entries(manifest.files).map(async ([name, expected]) => {
    const actual = await digestOf(join(root, manifest.directory, name)).catch(() => undefined);
    return actual?.bytes === expected.bytes && actual.sha256 === expected.sha256;
  });
  return (await Promise.all(checks)).every((ok) => ok) ? manifest : undefined;
};

export const writeAtomically = async (path: string, content: string | Uint8Array): Promise<void> => {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
};

const FILE_NAME = "manifest.json";

const digestOf = async (path: string): Promise<FileDigest> => {
  const content = await readFile(path);
  return { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
};

const parse = (text: string): ImageManifest | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isManifest(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const isManifest = (value: unknown): value is ImageManifest =>
  isRecord(value) &&
  value["version"] === MANIFEST_VERSION &&
  typeof value["directory"] === "string" &&
  isRecord(value["packages"]) &&
  isRecord(value["files"]) &&
  Object.values(value["files"]).every((file) => isRecord(file) && typeof file["sha256"] === "string");

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
