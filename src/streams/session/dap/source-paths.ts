/** Where source files are here that were elsewhere when they were compiled. */
import { existsSync } from "node:fs";
import { basename } from "node:path";

export type SourceMap = Readonly<Record<string, string>>;

export interface Source {
  readonly name: string;
  readonly path: string;
  readonly presentationHint?: "deemphasize";
}

export class SourcePaths {
  /** The longest first: it says the most. */
  private readonly rules: readonly (readonly [string, string])[];

  constructor(map: SourceMap = {}) {
    this.rules = Object.entries(map).sort(([a], [b]) => b.length - a.length);
  }

  /** As a client has it. A file that is not here can't be opened. */
  sourceOf(file: string): Source {
    const path = replaced(file, this.rules) ?? file;
    return { name: basename(path), path, ...(!existsSync(path) && { presentationHint: "deemphasize" }) };
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
