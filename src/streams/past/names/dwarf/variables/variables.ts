/** The variables of a program: by name, and those that an instruction can see. */
import { integerOf } from "../../../../../machine/little-endian.js";
import type { FrameReader, Location, Variable } from "../../name-source.js";
import { AT, TAG } from "../entries/constants.js";
import type { Entry } from "../entries/unit.js";
import type { Definitions } from "../declared/definitions.js";
import { declaredIn } from "../declared/unit-names.js";
import type { CodePlaces } from "../scopes/code-places.js";
import { isFunction, scopeOf, without, type Scope } from "../scopes/scope.js";
import type { Types } from "../types/types.js";
import { locationOf } from "../values/expression.js";
import { expressionAt } from "../values/location-lists.js";
import { instructionOf } from "../../frame.js";
import { frameContext } from "./frame-context.js";

export class Variables {
  constructor(
    private readonly definitions: Definitions,
    private readonly places: CodePlaces,
    private readonly types: Types,
    /** What the program was moved by from where it was linked. */
    private readonly movedBy: bigint,
  ) {}

  /**
   * Of the innermost function at an instruction, or of what so many inlined calls stand in: parameters, then locals,
   * those of inner blocks first.
   */
  at(pc: bigint, within: number): readonly (Variable & { readonly isParameter: boolean })[] {
    const scopes = without(within, this.places.scopesAt(pc));
    const own = scopes.slice(scopes.findLastIndex(isFunction)).reverse();
    const found = own.flatMap((scope) =>
      variablesIn(scope).map((entry) => {
        const variable = this.of(this.definitionOf(entry), scopes);
        return { ...variable, isParameter: entry.tag === TAG.formal_parameter };
      }),
    );
    const named = found.filter(({ name }) => name !== "");
    return [...named.filter(({ isParameter }) => isParameter), ...named.filter(({ isParameter }) => !isParameter)];
  }

  /** That of the innermost scope at an instruction; else one of its unit; else of any. `address`: of its symbol. */
  find(
    name: string,
    { pc, within }: { readonly pc: bigint | undefined; readonly within: number },
    address: bigint | undefined,
  ): Variable | undefined {
    const scopes = pc === undefined ? [] : without(within, this.places.scopesAt(pc));
    const near = this.inScopes(name, scopes) ?? this.inUnit(name, scopes);
    if (near !== undefined && (isDefinition(near) || !near.flag(AT.declaration))) return this.of(near, scopes);
    const entry = this.anywhere(name, address) ?? near;
    if (entry === undefined) return this.inFunction(name);
    const variable = this.of(entry, scopes);
    if (isDefinition(entry) || address === undefined) return variable;
    return { ...variable, locate: () => ({ kind: "memory", address: address + this.movedBy }) };
  }

  /** In the order of the source. */
  globalsAt(pc: bigint): readonly Variable[] {
    const [scope] = this.places.scopesAt(pc);
    if (scope === undefined) return [];
    return [...declaredIn(scope.entry.unit)]
      .map(({ entry }) => entry)
      .filter(isDefinition)
      .map((entry) => ({ ...this.of(entry, []), name: this.places.nameOf(entry) ?? "" }))
      .filter(({ name }) => name !== "");
  }

  private inScopes(name: string, scopes: readonly Scope[]): Entry | undefined {
    for (const scope of [...scopes].reverse()) {
      const entry = variablesIn(scope).find((one) => nameOf(one) === name);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** Also as the namespaces of the function see it. */
  private inUnit(name: string, [scope]: readonly Scope[]): Entry | undefined {
    if (scope === undefined) return undefined;
    const names = this.definitions.of(scope.entry.unit);
    const spaces = (this.places.nameOf(scope.entry) ?? "").split("::").slice(0, -1);
    for (let depth = spaces.length; depth >= 0; depth--) {
      const full = [...spaces.slice(0, depth), name].join("::");
      for (const entry of names.named(full)) if (isDefinition(entry)) return entry;
    }
    return undefined;
  }

  private anywhere(name: string, address: bigint | undefined): Entry | undefined {
    if (address === undefined) return this.definitions.find(name, isDefinition);
    // What no unit defines may be made by the linker, and declared by those that use it.
    return (
      this.definitions.find(name, isDefinition, address) ??
      this.definitions.find(name, ({ tag }) => tag === TAG.variable)
    );
  }

  /** `function::name`: what keeps its value between calls. */
  private inFunction(name: string): Variable | undefined {
    const [, functionName = "", own = ""] = /^(.+)::([^:]+)$/.exec(name) ?? [];
    if (functionName === "") return undefined;
    let found: Entry | undefined;
    this.definitions.find(functionName, (entry) => {
      if (entry.tag === TAG.subprogram) found = staticIn(scopeOf(entry), own);
      return found !== undefined;
    });
    return found && this.of(found, []);
  }

  /** `extern` says that it is elsewhere. */
  private definitionOf(entry: Entry): Entry {
    if (!entry.flag(AT.declaration) || isDefinition(entry)) return entry;
    return this.definitions.find(nameOf(entry) ?? "", isDefinition) ?? entry;
  }

  private of(entry: Entry, scopes: readonly Scope[]): Variable {
    return {
      name: nameOf(entry) ?? "",
      type: this.types.ofEntry(entry),
      locate: (frame) => this.locate(entry, scopes[0]?.entry, frame),
    };
  }

  private locate(entry: Entry, inFunction: Entry | undefined, frame: FrameReader): Location | undefined {
    const constant = entry.ofOrigins((origin) => constantOf(origin));
    if (constant !== undefined) return { kind: "value", value: constant };
    const located = entry.ofOrigins((origin) => (origin.has(AT.location) ? origin : undefined));
    const expression = located && expressionAt(located, AT.location, instructionOf(frame) - this.movedBy);
    if (located === undefined || expression === undefined) return undefined;
    const { places, movedBy } = this;
    return locationOf(expression, frameContext({ unit: located.unit, inFunction, frame, places, movedBy, depth: 0 }));
  }
}

const isVariable = ({ tag }: Entry): boolean => tag === TAG.variable || tag === TAG.formal_parameter;
const nameOf = (entry: Entry): string | undefined => entry.ofOrigins((origin) => origin.text(AT.name));

/** It says where it is, or what. */
const isDefinition = (entry: Entry): boolean =>
  entry.tag === TAG.variable && (entry.has(AT.location) || entry.has(AT.const_value));

/** Those directly in a scope. Of an inlined function also what it has once for all calls, and what no call keeps. */
function variablesIn(scope: Scope): readonly Entry[] {
  const own = scope.entries.filter(isVariable);
  if (!isFunction(scope)) return own;
  const [, ...origins] = scope.entry.origins();
  const told = new Set(own.flatMap((entry) => [...entry.origins()].map(({ offset }) => offset)));
  const shared = origins.flatMap((origin) => [...origin.children()].filter(isVariable));
  return [...own, ...shared.filter(({ offset }) => !told.has(offset))];
}

function staticIn(scope: Scope, name: string): Entry | undefined {
  const own = scope.entries.find((entry) => isDefinition(entry) && isStatic(entry) && nameOf(entry) === name);
  if (own !== undefined) return own;
  for (const inner of scope.scopes) {
    const found = staticIn(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const DW_OP_ADDR = 0x03;
const DW_OP_ADDRX = 0xa1;

function isStatic(entry: Entry): boolean {
  const location = entry.attribute(AT.location);
  return location?.kind === "block" && [DW_OP_ADDR, DW_OP_ADDRX].includes(location.bytes[0] ?? 0);
}

function constantOf(entry: Entry): bigint | undefined {
  const value = entry.attribute(AT.const_value);
  if (value?.kind === "constant") return value.value;
  if (value?.kind === "address") return value.address;
  if (value?.kind !== "block") return undefined;
  return integerOf(value.bytes);
}
