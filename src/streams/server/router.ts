/** Which route a path is. */
import { Refusal } from "./refusal.js";

/** A path with names in braces. */
interface Pathed {
  readonly path: string;
}

export interface Fitting<Route> {
  readonly route: Route;
  readonly part: (name: string) => string;
}

/** The one of these that a path is. @throws {Refusal} where none has it */
export function fittingOf<Route extends Pathed>(routes: readonly Route[], path: string): Fitting<Route> {
  const parts = partsOf(path);
  for (const route of routes) {
    const named = fitted(route.path.split("/"), parts);
    if (named !== undefined) return { route, part: (name) => named.get(name) ?? "" };
  }
  throw new Refusal(404, "NO_SUCH_ROUTE", `there is nothing at ${JSON.stringify(path)}: /docs lists what there is`);
}

/** A name is one part, whatever is in it: an escaped slash does not make two of it. @throws {Refusal} */
const partsOf = (path: string): readonly string[] => path.split("/").map(decoded);

function decoded(part: string): string {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch {
    throw new Refusal(400, "INVALID_PATH", "the path has a % that is no UTF-8");
  }
  if (/\p{Cc}/u.test(text)) throw new Refusal(400, "INVALID_PATH", "the path has a control character");
  return text;
}

function fitted(pattern: readonly string[], parts: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const named = new Map<string, string>();
  for (const [index, word] of pattern.entries()) {
    const part = parts[index] ?? "";
    const name = /^\{(.*)\}$/.exec(word)?.[1];
    if (name === undefined && part !== word) return undefined;
    if (name !== undefined && part === "") return undefined;
    if (name !== undefined) named.set(name, part);
  }
  return named;
}
