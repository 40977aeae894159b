/** What a function has just returned, as its type says. */
import { calledFunctions } from "../../past/query/called-functions.js";
import type { FrameReader } from "../../past/names/name-source.js";
import type { Names } from "../../past/names/names.js";
import { PlaceError } from "../../past/names/place-error.js";
import { valueText } from "../../past/names/value.js";

/** `caller`: the frame where it goes on. Undefined: it returns nothing, or in memory. */
export function returnedText(name: string, names: Names, caller: FrameReader): string | undefined {
  const carried = { a: registers(caller, A0), fa: registers(caller, FA0), stack: [], memory: [] };
  try {
    const [called] = calledFunctions(name, names);
    const value = called?.result(carried);
    return value === undefined ? undefined : valueText(value, names.functionType(name)?.result());
  } catch (fault) {
    if (fault instanceof PlaceError) return undefined;
    throw fault;
  }
}

/** Of a result: two of them, by their numbers in DWARF. */
const registers = (frame: FrameReader, first: number): readonly bigint[] =>
  [first, first + 1].map((register) => frame.register(register) ?? 0n);

const A0 = 10;
const FA0 = 42;
