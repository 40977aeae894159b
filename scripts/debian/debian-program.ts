/** A program of Debian's, as Debian compiled it (-O2 -g), with its debugging information beside it, in the cache. */
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { bytesSource } from "../../src/streams/store/log/byte-source.js";
import { debugLink } from "../../src/streams/past/names/dwarf/index.js";
import { cacheDirectory } from "./cache-directory.js";
import { keepImages, readManifest } from "./image-manifest.js";
import { openPackageFetcher } from "./package-fetcher.js";
import { withTemporaryDirectory } from "./temporary-directory.js";

export interface DebianProgram {
  readonly program: string;
  /** The file that its .gnu_debuglink names. */
  readonly debug: string;
}

/** A small one with numbers of every kind: 300 KB to fetch. */
const PACKAGE = "flowgrind";
const PROGRAM = "usr/bin/flowgrind";
const FOLDER = "debian-program";

/** Fetched where it is not in the cache yet. */
export const debianProgram = async (cache = cacheDirectory()): Promise<DebianProgram> =>
  (await cachedDebianProgram(cache)) ?? fetchProgram(cache);

/** Without any network; undefined where it is not there. */
export const cachedDebianProgram = async (cache = cacheDirectory()): Promise<DebianProgram | undefined> => {
  const manifest = await readManifest(join(cache, FOLDER));
  if (manifest === undefined) return undefined;
  const path = (name: string): string => join(cache, FOLDER, manifest.directory, name);
  const debug = Object.keys(manifest.files).find((name) => name.endsWith(".debug"));
  return debug === undefined ? undefined : { program: path(basename(PROGRAM)), debug: path(debug) };
};

const fetchProgram = (cache: string): Promise<DebianProgram> =>
  withTemporaryDirectory(join(cache, FOLDER), async (temporary) => {
    const fetcher = await openPackageFetcher(join(temporary, "apt"), () => undefined);
    const program = join(await fetcher.unpack(PACKAGE), PROGRAM);
    const { buildId = "", name = "" } = debugLink(bytesSource(await readFile(program)), program) ?? {};
    const place = `usr/lib/debug/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
    const made = join(temporary, "made");
    await mkdir(made);
    await copyFile(program, join(made, basename(PROGRAM)));
    await copyFile(join(await fetcher.unpack(`${PACKAGE}-dbg`), place), join(made, name));
    const { packages } = fetcher;
    await keepImages(made, join(cache, FOLDER), { directory: `${PACKAGE}_${packages[PACKAGE] ?? ""}`, packages });
    const kept = await cachedDebianProgram(cache);
    if (kept === undefined) throw new Error(`${PACKAGE} is not in the cache, though it was fetched`);
    return kept;
  });
