/** Runs this command again as a new process, and tells users how to call it. */
import { spawn } from "node:child_process";
import { basename } from "node:path";

import { fromHere, packageFile } from "./package-files.js";

export interface ProcessEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const SCRIPT = packageFile("bin/foldvm.js");

/** Runs `foldvm ...words` in a new process. */
export const ownProcess = (words: readonly string[]): Promise<ProcessEnd> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? -1, stdout, stderr });
    });
  });

/** `foldvm` if it is installed, else the path of the script in the checkout. */
export function ownName(): string {
  const called = process.argv[1] ?? SCRIPT;
  return basename(called) === "foldvm" ? "foldvm" : `node ${fromHere(SCRIPT)}`;
}
