/** The scopes of a frame: its variables, those of its file, and its registers. */
import { instructionOf, variablesOf } from "../../../past/names/frame.js";
import type { PlaceOf } from "../../../past/names/expression/index.js";
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
function variableParts(variables: readonly Variable[], view: View, inner: readonly Variable[] = []): Parts {
  const named = new Set(inner.map(({ name }) => name));
  const rows: (Pick<Variable, "name" | "type"> & {
    readonly place: PlaceOf | undefined;
    readonly isHidden: boolean;
  })[] = [];
  for (const variable of variables) {
    const { name, type } = variable;
    const location = variable.locate(view.frame);
    const isHidden = named.has(name);
    // An inlined function's variable is told once more, as lost, where a block of this call has it.
    if (!isHidden || location !== undefined) rows.push({ name, type, place: location && { location }, isHidden });
    named.add(name);
  }
  return partsOf(rows, ({ name, isHidden, ...typed }, format) =>
    shownValue(name, typed, { view, format, expression: isHidden ? undefined : name }),
  );
}
