/** What a page shows: its commands with what they print, and its snippets as one program. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { TYPESCRIPT } from "../../scripts/typescript/node-words.js";

/** Of the package: from the sources, not from a build that may be older. */
const ENTRIES = {
  foldvm: "src/index.ts",
  "foldvm/forms": "src/streams/forms/index.ts",
  "foldvm/node-test": "src/node-test.ts",
  "foldvm/parquet": "src/streams/tables/index.ts",
};
const PROMPT = "$ ";
const MONITOR = "(foldvm) ";
const COLOURLESS = { ...process.env, FORCE_COLOR: "0", NODE_NO_WARNINGS: "1" };

/** The code of all fences of a language, each. */
export const fences = (page: string, language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code = ""]) => code);

export interface ShownCommand {
  readonly line: string;
  /** For its monitor. */
  readonly typed: string;
  readonly output: string;
}

const isTranscript = (fence: string): boolean => fence.startsWith(`${PROMPT}foldvm `);

/** Those of the fences that begin with `$ foldvm`. */
export const commandsOf = (page: string): readonly ShownCommand[] =>
  fences(page, "text")
    .filter(isTranscript)
    .flatMap((fence) => fence.split(/^\$ /m).slice(1))
    .map((shown) => {
      const [line = "", ...lines] = shown.split("\n");
      const typed = lines.filter((one) => one.startsWith(MONITOR)).map((one) => `${one.slice(MONITOR.length)}\n`);
      return { line, typed: typed.join(""), output: lines.filter((one) => !one.startsWith(MONITOR)).join("\n") };
    });

/** The page's snippets, and what they print. */
export const programOf = (page: string): { readonly code: string; readonly output: string } => ({
  code: fences(page, "ts").join(""),
  output: fences(page, "text")
    .filter((fence) => !isTranscript(fence))
    .join(""),
});

/** Whether a page shows this: a line of dots stands for any lines. */
export function shows(shown: string, printed: string): boolean {
  const parts = shown.split(/^ *\.\.\.\n/m);
  const pattern = parts.map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&")).join("(?:.*\n)*?");
  return new RegExp(`^${pattern}$`).test(printed);
}

/** A folder that has what the repository's has, for commands and programs that write files. */
export async function inFolderLikeTheRoot<T>(work: (folder: string) => Promise<T>): Promise<T> {
  // Where imports of packages are found.
  const folder = resolve(await mkdtemp("node_modules/.docs-"));
  try {
    for (const name of ["guests", "logs"]) symlinkSync(resolve(name), join(folder, name));
    mkdirSync(join(folder, "bin"));
    symlinkSync(resolve("bin/foldvm.js"), join(folder, "bin/foldvm"));
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What it prints, on standard output and standard error as they come. */
export const printedBy = ({ line, typed }: ShownCommand, folder: string): Promise<string> =>
  new Promise((fulfil, reject) => {
    const path = `${join(folder, "bin")}${delimiter}${process.env["PATH"] ?? ""}`;
    const shell = spawn("sh", ["-c", `exec 2>&1; ${line}`], {
      cwd: folder,
      env: { ...COLOURLESS, PATH: path },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let printed = "";
    shell.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    shell.on("error", reject).on("close", () => {
      // A guest ends its lines as terminals want it.
      fulfil(printed.replaceAll("\r\n", "\n"));
    });
    shell.stdin.end(typed);
  });

export async function printedByProgram(code: string, folder: string): Promise<string> {
  const program = Object.entries(ENTRIES).reduce(
    (text, [entry, path]) => text.replaceAll(`from "${entry}"`, `from ${JSON.stringify(pathToFileURL(path).href)}`),
    code,
  );
  writeFileSync(join(folder, "snippets.mts"), program);
  const command = [...TYPESCRIPT, "snippets.mts"];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder, env: COLOURLESS });
  return stdout;
}
