/** Many recordings verified, each in a process of its own: none of them can end another's. */
import { ownProcess } from "../../host/own-command.js";

/** Of one recording. Plain data. */
export interface Verified {
  readonly file: string;
  readonly ok: boolean;
  /** The exit code of `foldvm verify FILE`. */
  readonly code: number;
  /** How it ended, in the words of a recording; or the kind of fault. */
  readonly cause: string;
  /** Why it failed. */
  readonly message: string | undefined;
  /** False: it was cut off, and is sound up to there. */
  readonly complete: boolean | undefined;
  readonly instructions: number | undefined;
  readonly events: number | undefined;
  readonly stateHashes: number | undefined;
  readonly seconds: number;
}

/** `words`: options of `foldvm verify`. Answers come in the order of the files. */
export async function* verifiedFiles(
  files: readonly string[],
  jobs: number,
  words: readonly string[],
): AsyncGenerator<Verified, void> {
  const running: Promise<Verified>[] = [];
  let next = 0;
  for (let told = 0; told < files.length; told += 1) {
    // Ahead of the one that is waited for, as many as there are jobs.
    for (; next < files.length && next < told + jobs; next += 1) {
      const answer = verified(files[next] ?? "", words);
      // Who reads only a part of the answers leaves the others.
      answer.catch(() => undefined);
      running.push(answer);
    }
    const first = running.shift();
    if (first !== undefined) yield await first;
  }
}

async function verified(file: string, words: readonly string[]): Promise<Verified> {
  const startMs = performance.now();
  const { code, stdout, stderr } = await ownProcess(["verify", "--json", "--quiet", ...words, "--", file]);
  const result = objectIn(stdout);
  const lastLine = stderr.trim().split("\n").at(-1) ?? "";
  const outcome = objectIn(lastLine);
  const numberOf = (name: string): number | undefined => (typeof result[name] === "number" ? result[name] : undefined);
  const said = typeof outcome["message"] === "string" ? outcome["message"] : lastLine;
  return {
    file,
    ok: code === 0,
    code,
    cause: typeof outcome["cause"] === "string" ? outcome["cause"] : "internal",
    message: code === 0 ? undefined : said,
    complete: typeof result["complete"] === "boolean" ? result["complete"] : undefined,
    ...{ instructions: numberOf("instructions"), events: numberOf("events"), stateHashes: numberOf("stateHashes") },
    seconds: Math.round(performance.now() - startMs) / 1000,
  };
}

/** Empty where it is none: a process that was killed says nothing more. */
function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
