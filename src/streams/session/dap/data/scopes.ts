/** The scopes of a frame: its variables, those of its file, and its registers. */
import { instructionOf, variablesOf } from "../../../past/names/frame.js";
import type { Variable } from "../../../past/names/name-source.js";
import { controlRegisters, floatRegisters, integerRegisters } from "./registers.js";
import { partsOf, type Parts, type View } from "./shown.js";
import { shownValue } from "./value.js";

export interface ShownScope {
  readonly name: string;
  readonly hint?: "locals" | "registers" | "globals";
  readonly isExpensive: boolean;
  readonly parts: Parts;
}

export function scopesOf(view: View): readonly ShownScope[] {
  const { names, frame } = view;
  const locals = variablesOf(names, frame);
  const globals = names.globalsAt(instructionOf(frame));
  return [
    { name: "Locals", hint: "locals", isExpensive: false, parts: variableParts(locals, view) },
    ...(globals.length === 0
      ? []
      : [
          { name: "Globals", hint: "globals", isExpensive: true, parts: variableParts(globals, view, locals) } as const,
        ]),
    { name: "Registers", hint: "registers", isExpensive: false, parts: integerRegisters(view) },
    { name: "Floating point", hint: "registers", isExpensive: true, parts: floatRegisters(view) },
    { name: "CSRs", hint: "registers", isExpensive: true, parts: controlRegisters(view) },
  ];
}

/** Where a name is also that of an inner variable, the name alone means that one. */
const variableParts = (variables: readonly Variable[], view: View, inner: readonly Variable[] = []): Parts =>
  partsOf(variables, (variable, format, index) => {
    const { name, type } = variable;
    const location = variable.locate(view.frame);
    const isHidden = [...inner, ...variables.slice(0, index)].some((other) => other.name === name);
    return shownValue(
      name,
      { type, place: location && { location } },
      { view, format, expression: isHidden ? undefined : name },
    );
  });
