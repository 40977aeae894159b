/** What the end of a line can become: names, members and registers. */
import { REGISTER_NAMES } from "../../../../machine/named-registers.js";
import { variablesOf } from "../../../past/names/frame.js";
import { Expression } from "../../../past/names/expression/index.js";
import { PlaceError } from "../../../past/names/place-error.js";
import { targetOf } from "../../../past/names/expression/operand.js";
import { isStructure, memberNames, plain } from "../../../past/names/type-layout.js";
import type { View } from "./shown.js";

/** A kernel has a hundred thousand names: a person types on. */
export const MAX_COMPLETIONS = 200;

export interface Completion {
  readonly label: string;
  readonly type: "variable" | "field" | "property";
  /** How many characters before the end it takes the place of. */
  readonly replaced: number;
}

/** A name or something in brackets, with its members and elements, and the beginning of a member. */
const MEMBER = /((?:[A-Za-z_]\w*|\([^()]*\))(?:(?:\.|->)\w+|\[[^\]]*\])*)(?:\.|->)(\w*)$/;
/** What comes before is of another expression, or of nobody. */
const LOOKED_AT = 200;

/** The line up to where the next letter is typed. */
export function completionsOf(line: string, view: View): readonly Completion[] {
  const end = line.slice(-LOOKED_AT);
  const [, of, member = ""] = MEMBER.exec(end) ?? [];
  if (of !== undefined) return completed(membersOf(of, view), member, "field");
  const [, register] = /\$(\w*)$/.exec(end) ?? [];
  if (register !== undefined) return completed(REGISTER_NAMES, register, "property");
  const [word = ""] = /[A-Za-z_]\w*$/.exec(end) ?? [];
  if (word === "") return [];
  const locals = variablesOf(view.names, view.frame).map(({ name }) => name);
  return completed([...new Set([...locals, ...view.names.startingWith(word)])], word, "variable");
}

const completed = (names: readonly string[], begun: string, type: Completion["type"]): readonly Completion[] =>
  names
    .filter((name) => name.startsWith(begun))
    .slice(0, MAX_COMPLETIONS)
    .map((label) => ({ label, type, replaced: begun.length }));

/** Behind a dot or an arrow. */
function membersOf(expression: string, view: View): readonly string[] {
  try {
    const { type } = new Expression(expression).in(view);
    const target = type === undefined ? undefined : isStructure(type) ? type : targetOf(type);
    const of = target && plain(target);
    return of?.kind === "structure" || of?.kind === "union" ? memberNames(of) : [];
  } catch (fault) {
    if (fault instanceof PlaceError) return [];
    throw fault;
  }
}
