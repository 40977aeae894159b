/** Where source files are here that were elsewhere when they were compiled. */
import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, resolve } from "node:path";

export type SourceMap = Readonly<Record<string, string>>;

export interface Source {
  readonly name: string;
  readonly path: string;
  readonly presentationHint?: "deemphasize";
}

export class SourcePaths {
  /** The longest first: it says the most. */
  private readonly rules: readonly (readonly [string, string])[];

  /** The client's paths of files, once it has named them. */
  private readonly learned = new Map<string, string>();
  /** Where a compiler may have been run. */
  private readonly folders: readonly string[];

  /** `programs`: files that were compiled, which may lie beside their sources. */
  constructor(map: SourceMap = {}, programs: readonly string[] = []) {
    this.folders = [...new Set(programs.flatMap((program) => foldersAbove(resolve(program))))];
    this.rules = Object.entries(map).sort(([a], [b]) => b.length - a.length);
  }

  /** As a client has it. A file that is not here can't be opened. */
  sourceOf(file: string): Source {
    const path = replaced(file, this.rules) ?? this.learned.get(file) ?? this.find(file) ?? file;
    return { name: basename(path), path, ...(!existsSync(path) && { presentationHint: "deemphasize" }) };
  }

  /** `path`: the client's, of a file that the debugging information calls so. */
  learn(file: string, path: string): void {
    this.learned.set(file, path);
  }

  /** Where it lies here, as far as no rule says otherwise. */
  find(file: string): string | undefined {
    if (isAbsolute(file)) return existsSync(file) ? file : undefined;
    return this.folders.map((folder) => resolve(folder, file)).find((path) => existsSync(path));
  }

  /** What the debugging information may call a client's file: the likeliest first. */
  namesOf(path: string): readonly string[] {
    const back = this.rules.map(([from, to]) => [to, from] as const).sort(([a], [b]) => b.length - a.length);
    const compiled = replaced(path, back) ?? path;
    const parts = compiled.split("/");
    // Where no rule tells, whatever of its end is known: it may have been compiled in another folder.
    return parts.map((_, index) => parts.slice(index).join("/")).filter((end) => end !== "");
  }
}

/** The nearest first. */
function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}

function replaced(path: string, rules: readonly (readonly [string, string])[]): string | undefined {
  for (const [from, to] of rules) {
    if (path === from) return to;
    const folder = from === "" || from.endsWith("/") ? from : `${from}/`;
    if (!path.startsWith(folder) || (from === "" && path.startsWith("/"))) continue;
    const rest = path.slice(folder.length);
    return to === "" ? rest : `${to.replace(/\/$/, "")}/${rest}`;
  }
  return undefined;
}
