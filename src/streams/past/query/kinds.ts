/** All kinds of question that are plain data, for who is given one. */
import { readsKind, writesKind } from "./accesses.js";
import { callResultsKind, callsKind } from "./calls.js";
import { csrsKind } from "./csrs.js";
import { devicesKind } from "./device-accesses.js";
import { outputKind } from "./output.js";
import { printedKind } from "./printed.js";
import type { Kind, Listener, Question } from "./question.js";
import { switchesKind } from "./switches.js";
import { syscallResultsKind, syscallsKind } from "./syscalls.js";
import { trapResultsKind, trapsKind } from "./traps.js";
import { visitsKind } from "./visits.js";

const ALL = [
  ...[writesKind, readsKind, visitsKind, callsKind, callResultsKind, trapsKind, csrsKind, devicesKind],
  ...[outputKind, printedKind, trapResultsKind, switchesKind, syscallsKind, syscallResultsKind],
] as unknown as readonly Kind<unknown, unknown>[];

export const KINDS: ReadonlyMap<string, Kind<unknown, unknown>> = new Map(ALL.map((kind) => [kind.name, kind]));

/** Who hears the answer to a question that came from elsewhere. */
export function listenerOf({ kind, about }: Question): Listener<unknown> {
  const found = KINDS.get(kind);
  if (found === undefined) throw new Error(`there is no kind of question ${kind}`);
  return found.listen(about);
}
