/** Which route a path is. */
import { Refusal } from "./refusal.js";
import type { Route } from "./route.js";

export interface Found {
  readonly route: Route;
  readonly part: (name: string) => string;
}

/** @throws {Refusal} where no route has the path */
export function routeOf(routes: readonly Route[], path: string): Found {
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
