// Which test files there are, of which tier, and what is wrong with one before it runs.
import { readFileSync, readdirSync } from "node:fs";

/**
 * `core` needs Node alone and shares a process with other files; `guest` may need Debian packages or minutes, and gets
 * its own.
 */
export type Tier = "core" | "guest";

export interface TestFile {
  path: string;
  tier: Tier;
  /** From a comment `// test-time-limit-seconds: 1800` in the file. */
  timeLimitSeconds: number | undefined;
  /** What makes the file a failure by itself. */
  fault: string | undefined;
}

/**
 * All test files under `folder`, in a fixed order, of those whose path contains one of `patterns` (or all, without
 * patterns).
 */
export const findTests = (folder: string, patterns: readonly string[]): TestFile[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => new RegExp(pattern).test(path)))
    .sort()
    .map((path) => describe(path, readFileSync(path, "utf8")));

const describe = (path: string, source: string): TestFile => {
  const limit = /^\/\/ test-time-limit-seconds: (\d+)$/m.exec(source)?.[1];
  return {
    path,
    tier: path.endsWith(".guest.test.ts") ? "guest" : "core",
    timeLimitSeconds: limit === undefined ? undefined : Number(limit),
    fault: fault(source),
  };
};

/** uvu runs nothing, and succeeds, where a suite's run() was forgotten. */
const fault = (source: string): string | undefined => {
  const suites = [...source.matchAll(/(?:const|let)\s+(\w+)\s*=\s*suite\s*[<(]/g)].map((match) => match[1] ?? "");
  if (/import\s*\{[^}]*\btest\b[^}]*\}\s*from\s*"uvu"/.test(source)) suites.push("test");
  if (suites.length === 0) return "no uvu suite in it";
  const forgotten = suites.filter((suite) => !new RegExp(`\\b${suite}\\.run\\(\\)`).test(source));
  return forgotten.length === 0 ? undefined : `${forgotten.map((suite) => `${suite}.run()`).join(", ")} is missing`;
};
