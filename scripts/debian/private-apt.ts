/**
 * apt with a configuration of its own: it asks the machine's mirror about another architecture and changes nothing
 * here.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { debianMirrors, parseDeb822Sources, parseOneLineSources } from "./apt-sources.js";

/** The release's codename. */
export const SUITE = "trixie";
/**
 * A mirror behind a cache may have an index that is older than its signature under one name, and a whole pair under the
 * other.
 */
const SUITE_NAMES = [SUITE, "stable"] as const;
export const ARCHITECTURE = "riscv64";

/** A package as the archive lists it. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly depends: readonly string[];
}

export interface PrivateApt {
  /** What the archive says of a package. */
  show(name: string): Promise<Package>;
  /**
   * Downloads a package, checks it against the signed index, and unpacks it to a new directory, whose path it gives.
   */
  unpack(name: string): Promise<string>;
  /** One file of a package, which may be far larger, as `target`. Checked as well. */
  unpackFile(name: string, version: string, path: string, target: string): Promise<void>;
}

/**
 * Fetches the package index to `directory`, which it may fill as it likes. Fails with a remedy where there is no apt.
 */
export const openPrivateApt = async (directory: string, report: (line: string) => void): Promise<PrivateApt> => {
  const keyring = KEYRINGS.find((path) => existsSync(path));
  if (keyring === undefined)
    throw new Error(`No Debian archive keyring. ${NEEDS_DEBIAN} (package debian-archive-keyring)`);
  const mirrors = await machineMirrors();
  await Promise.all(
    ["lists/partial", "cache/archives/partial", "packages"].map((path) =>
      mkdir(join(directory, path), { recursive: true }),
    ),
  );
  await writeFile(join(directory, "status"), "");
  const apt = (program: string, words: readonly string[]) =>
    run(program, [...options(directory), ...words], join(directory, "packages"));

  report(`fetching the package index of Debian ${SUITE} for ${ARCHITECTURE}`);
  const failures: string[] = [];
  for (const [mirror, suite] of mirrors.flatMap((mirror) => SUITE_NAMES.map((name) => [mirror, name] as const))) {
    await writeFile(join(directory, "rv.sources"), stanza(mirror, suite, keyring));
    const failure = await apt("apt-get", ["update"]).then(
      () => wrongRelease(join(directory, "lists")),
      (error: unknown) => String(error),
    );
    if (failure === undefined) return packages(directory, apt);
    failures.push(`${mirror} ${suite}: ${failure}`);
  }
  throw new Error(
    `No mirror of this machine's apt sources gave Debian ${SUITE} for ${ARCHITECTURE}.\n${failures.join("\n")}`,
  );
};

const NEEDS_DEBIAN = "The Debian guest comes through apt: this needs a Debian machine, or a container of one";
const KEYRINGS = ["gpg", "pgp"].map((suffix) => `/usr/share/keyrings/debian-archive-keyring.${suffix}`);

const options = (directory: string): readonly string[] => [
  `-oAPT::Architecture=${ARCHITECTURE}`,
  `-oAPT::Architectures=${ARCHITECTURE}`,
  `-oDir::State::Lists=${directory}/lists`,
  `-oDir::State::Status=${directory}/status`,
  `-oDir::Etc::SourceList=${directory}/rv.sources`,
  "-oDir::Etc::SourceParts=-",
  `-oDir::Cache=${directory}/cache`,
  // Translations are of no use here. As root, apt would download as another user, who cannot write here.
  "-oAcquire::Languages=none",
  "-oAPT::Sandbox::User=root",
  // Without it `update` only warns of a mirror that fails.
  "-oAPT::Update::Error-Mode=any",
  "-q",
];

/** `stable` is another release one day. */
const wrongRelease = async (lists: string): Promise<string | undefined> => {
  const names = (await readdir(lists)).filter((name) => name.endsWith("Release"));
  const texts = await Promise.all(names.map((name) => readFile(join(lists, name), "utf8")));
  const codenames = texts.map((text) => /^Codename: (.*)$/m.exec(text)?.[1] ?? "without a codename");
  return codenames.every((codename) => codename === SUITE) && codenames.length > 0
    ? undefined
    : `the archive's release is ${codenames.join(", ")}, not ${SUITE}`;
};

const stanza = (mirror: string, suite: string, keyring: string): string =>
  [
    "Types: deb",
    `URIs: ${mirror}`,
    `Suites: ${suite}`,
    "Components: main",
    `Architectures: ${ARCHITECTURE}`,
    `Signed-By: ${keyring}`,
    "",
  ].join("\n");

const packages = (
  directory: string,
  apt: (program: string, words: readonly string[]) => Promise<string>,
): PrivateApt => ({
  async show(name) {
    const text = await apt("apt-cache", ["show", "--no-all-versions", name]);
    const field = (wanted: string): string => new RegExp(`^${wanted}: (.*)$`, "m").exec(text)?.[1] ?? "";
    const depends = field("Depends").split(/\s*,\s*/);
    return { name, version: field("Version"), depends: depends.map((word) => word.replace(/[\s(|].*/, "")) };
  },
  async unpack(name) {
    const file = await download(directory, apt, name, name);
    const target = join(directory, "packages", name);
    await run("dpkg-deb", ["-x", file, target], join(directory, "packages"));
    return target;
  },
  async unpackFile(name, version, path, target) {
    const file = await download(directory, apt, name, `${name}=${version}`);
    // tar ends with the file: nothing behind it is unpacked.
    const pipeline = 'dpkg-deb --fsys-tarfile "$1" 2>/dev/null | tar -xOf - --occurrence=1 "./$2" >"$3"';
    await run("sh", ["-c", pipeline, "sh", file, path, target], join(directory, "packages"));
  },
});

/** The package's file in `packages`; `wanted` is how apt is asked. */
const download = async (
  directory: string,
  apt: (program: string, words: readonly string[]) => Promise<string>,
  name: string,
  wanted: string,
): Promise<string> => {
  await apt("apt-get", ["download", wanted]);
  const files = await readdir(join(directory, "packages"));
  const file = files.find((candidate) => candidate.startsWith(`${name}_`) && candidate.endsWith(".deb"));
  if (file === undefined) throw new Error(`apt-get download ${wanted} left no package`);
  return file;
};

const machineMirrors = async (): Promise<readonly string[]> => {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const codename = /^VERSION_CODENAME="?([^"\n]*)/m.exec(release)?.[1] ?? "";
  // apt-config answers with shell assignments: list='/etc/apt/sources.list'
  const paths = await run(
    "apt-config",
    ["shell", "list", "Dir::Etc::sourcelist/f", "parts", "Dir::Etc::sourceparts/d"],
    "/",
  );
  const path = (name: string): string => new RegExp(`^${name}='(.*)'$`, "m").exec(paths)?.[1] ?? "";
  const parts = await readdir(path("parts")).catch(() => []);
  const files = [path("list"), ...parts.sort().map((part) => join(path("parts"), part))];
  const sources = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, "utf8").catch(() => "");
      return file.endsWith(".sources")
        ? parseDeb822Sources(text)
        : file.endsWith(".list")
          ? parseOneLineSources(text)
          : [];
    }),
  );
  const mirrors = debianMirrors(sources.flat(), codename);
  if (mirrors.length === 0) throw new Error(`This machine's apt sources name no Debian mirror. ${NEEDS_DEBIAN}.`);
  return mirrors;
};

const run = async (program: string, words: readonly string[], directory: string): Promise<string> => {
  try {
    const limits = { cwd: directory, maxBuffer: 1 << 26, env: { ...process.env, LC_ALL: "C.UTF-8" } };
    return (await promisify(execFile)(program, [...words], limits)).stdout;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ("code" in error && error.code === "ENOENT")
      throw new Error(`There is no ${program} here. ${NEEDS_DEBIAN}.`, { cause: error });
    const stderr = "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(`${program} failed: ${stderr === "" ? error.message : stderr}`, { cause: error });
  }
};
