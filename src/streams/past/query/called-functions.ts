/** Functions whose calls are asked for, with what their types say of a call. Their types are read once. */
import { MAX_PROBES } from "../../../machine/engine/probes.js";
import type { Symbol } from "../../../machine/symbol-table.js";
import { hexAddress } from "../../../reducers/hex.js";
import { conventionOf, type Convention } from "../names/calling-convention.js";
import { DwarfError } from "../names/dwarf/index.js";
import type { Names } from "../names/names.js";
import {
  neededFor,
  parametersReader,
  readerOf,
  type Carried,
  type Needed,
  type Reader,
} from "../names/passed-values.js";
import { PlaceError } from "../names/place-error.js";
import type { GuestValue } from "../names/value.js";

export interface CalledFunction {
  readonly address: bigint;
  readonly name: string;
  /** Undefined: no source tells its type. */
  readonly parameters: ((carried: Carried) => Readonly<Record<string, GuestValue>>) | undefined;
  readonly result: Reader;
  /** At a call, and at its return: undefined: the registers a0 to a7 do. */
  readonly needed: Needed | undefined;
  readonly neededAtReturn: Needed | undefined;
}

/** @throws {PlaceError} */
export function calledFunctions(of: string | RegExp | readonly string[], names: Names): readonly CalledFunction[] {
  return symbolsNamed(of, names).map((symbol) => calledFunction(symbol, names));
}

function calledFunction({ address, name }: Symbol, names: Names): CalledFunction {
  const convention = conventionAt(name, names);
  if (convention === undefined) {
    const nothing = { parameters: undefined, needed: undefined, neededAtReturn: undefined };
    return { address, name, ...nothing, result: ({ a }) => a[0] };
  }
  const { parameters, result } = convention;
  return {
    address,
    name,
    parameters: parametersReader(convention),
    needed: neededFor(parameters),
    result: result === undefined ? () => undefined : readerOf(result),
    neededAtReturn: result && neededFor([result]),
  };
}

/** Of several functions of one name nobody knows which has the type. One that can't be read only tells less. */
function conventionAt(name: string, names: Names): Convention | undefined {
  if (names.functionsNamed(name).length > 1) return undefined;
  try {
    const type = names.functionType(name);
    return type && conventionOf(type);
  } catch (fault) {
    if (fault instanceof DwarfError) return undefined;
    throw fault;
  }
}

/** @throws {PlaceError} */
function symbolsNamed(of: string | RegExp | readonly string[], names: Names): readonly Symbol[] {
  if (typeof of === "string") return [names.named(of)];
  if (!(of instanceof RegExp)) return of.map((name) => names.named(name));
  const found = names.functionsNamed(of);
  if (found.length === 0) throw new PlaceError("NO_SUCH_NAME", `no function's name matches ${String(of)}`);
  if (found.length <= MAX_PROBES) return found;
  const first = hexAddress(found[0]?.address ?? 0n);
  const message = `${String(of)} matches ${String(found.length)} functions, from ${first} on; at most ${String(MAX_PROBES)} can be watched`;
  throw new PlaceError("AMBIGUOUS_NAME", message);
}
