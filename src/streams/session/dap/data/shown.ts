/** What a client is shown: a name, a value as a text, and what that consists of. */
import type { PlaceOf } from "../../../past/names/expression/index.js";
import type { FrameReader } from "../../../past/names/name-source.js";
import type { Names } from "../../../past/names/names.js";
import type { Type } from "../../../past/names/type.js";
import type { Inspected } from "../../../../machine/inspect.js";

/** Where a client looks: a call of a hart, as the machine stands. */
export interface View {
  readonly names: Names;
  /** As the hart sees it. */
  readonly at: Inspected;
  readonly frame: FrameReader;
}

export interface Shown {
  readonly name: string;
  readonly value: string;
  readonly type?: string | undefined;
  /** The expression that has this value in the same frame; undefined: there is none. */
  readonly evaluateName?: string | undefined;
  readonly memoryReference?: string | undefined;
  readonly isReadOnly?: boolean;
  /** Undefined: it has none. */
  readonly parts?: Parts | undefined;
  /** Where a new value goes. */
  readonly place?: Target | undefined;
}

/** What lies somewhere. Without a type it is a register. */
export interface Target {
  readonly place: PlaceOf;
  readonly type: Type | undefined;
  readonly view: View;
}

/** Elements have an index instead of a name: a client asks for some of them at a time. */
export interface Parts {
  /** Undefined: that is known once they are listed. */
  readonly count: number | undefined;
  readonly areElements?: boolean;
  /** From the first one on, so many. */
  list(first: number, count: number, format: ValueFormat): readonly Shown[];
}

export interface ValueFormat {
  readonly isHex: boolean;
}

/** Parts that are all there. */
export const partsOf = <Part>(
  all: readonly Part[],
  shown: (part: Part, format: ValueFormat, index: number) => Shown,
): Parts => ({
  count: all.length,
  list: (first, count, format) =>
    all.slice(first, first + count).map((part, index) => shown(part, format, first + index)),
});

/** Undefined: there is none. */
export function partNamed(name: string, parts: Parts): Shown | undefined {
  const [, index] = /^\[(\d+)\]$/.exec(name) ?? [];
  const isOfMany = parts.areElements === true;
  if (isOfMany && index === undefined) return undefined;
  const some = isOfMany ? parts.list(Number(index), 1, DECIMAL) : parts.list(0, Number.POSITIVE_INFINITY, DECIMAL);
  return some.find((part) => part.name === name);
}

const DECIMAL: ValueFormat = { isHex: false };
