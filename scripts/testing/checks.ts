// The checks of the test command that read the sources instead of running them. Each counts as one test.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { folderCircles } from "./folder-circles.js";

export interface Check {
  name: string;
  run: () => Promise<Outcome>;
}

export interface Outcome {
  ok: boolean;
  output: string;
}

const CACHE = "node_modules/.cache/foldvm";
const TSC = "node_modules/typescript-native/bin/tsc";
/** What a file is judged by is the file alone: one that is as it was need not be judged again. */
const cachedAs = (name: string): string[] => [
  ...["--cache", "--cache-strategy", "content"],
  ...["--cache-location", `${CACHE}/${name}`],
];

/** Comes before all else: tests and other checks read what it makes. */
export const build: Check = { name: "build (tsc, src to dist)", run: () => node(["scripts/build.js"]) };

/** The longest first. */
export const checks: readonly Check[] = [
  {
    name: "lint (eslint)",
    run: () => node(["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", ...cachedAs("eslint"), "."]),
  },
  {
    name: "format (prettier; npm run format mends it)",
    run: () =>
      node([
        "node_modules/prettier/bin/prettier.cjs",
        ...["--check", "--log-level", "warn", ...cachedAs("prettier"), "."],
      ]),
  },
  { name: "lint by types (oxlint)", run: () => typedLint() },
  { name: "import rules (dependency-cruiser)", run: () => importRules() },
  { name: "types (tsc, everything but the page)", run: () => node([TSC, "--project", "tsconfig.json"]) },
  { name: "types (tsc, the page)", run: () => node([TSC, "--project", "web/tsconfig.json"]) },
];

/** oxlint succeeds, too, where it finds no file. */
const typedLint = async (): Promise<Outcome> => {
  const { ok, output } = await node(["node_modules/oxlint/bin/oxlint"]);
  return ok && / on 0 files /.test(output) ? { ok: false, output: `no file was linted\n${output}` } : { ok, output };
};

/**
 * dependency-cruiser succeeds too when it finds no module, or skips one it can't parse: count them against the folder.
 */
const importRules = async (): Promise<Outcome> => {
  const cruiser = "node_modules/dependency-cruiser/bin/dependency-cruise.mjs";
  const { ok, output } = await node([cruiser, ...OURS, "--config", ".dependency-cruiser.cjs", "--output-type", "json"]);
  if (!ok) return { ok, output };
  const { modules, summary } = JSON.parse(output) as Cruise;
  const broken = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  if (broken.length > 0) return { ok: false, output: broken.join("\n") };
  const cruised = modules.filter(({ source }) => isOurs(source)).map(({ source }) => source);
  const present = OURS.flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`)
      : [],
  );
  const missing = present.filter((path) => path.endsWith(".ts") && !cruised.includes(path));
  if (cruised.length === 0) return { ok: false, output: "no module was cruised: the rules checked nothing" };
  if (missing.length > 0) return { ok: false, output: `not cruised, so not checked: ${missing.join(", ")}` };
  const circles = folderCircles(
    modules.flatMap(({ source, dependencies }) =>
      dependencies.flatMap(({ resolved }): [string, string][] =>
        isOurs(source) && isOurs(resolved) ? [[source, resolved]] : [],
      ),
    ),
  );
  const found = circles.map((circle) => `a circle of folders: ${circle.join(" -> ")}`);
  return { ok: found.length === 0, output: found.join("\n") };
};

interface Cruise {
  modules: CruisedModule[];
  summary: { violations: { rule: { name: string }; from: string; to: string }[] };
}

interface CruisedModule {
  source: string;
  dependencies: { resolved: string }[];
}

const OURS = ["src", "web"];
const isOurs = (path: string): boolean => OURS.some((folder) => path.startsWith(`${folder}/`));

const node = (args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }));
  });
