/** What was passed to a function, or came back from it, as its type says. */
import type { Convention, Passed } from "./calling-convention.js";
import { plain } from "./type-layout.js";
import { valueOfBytes, type GuestValue } from "./value.js";

/** What a hart had at a call or a return. What nobody wanted is empty. */
export interface Carried {
  /** a0 to a7 at a call, a0 and a1 at a return. */
  readonly a: readonly bigint[];
  readonly fa: readonly bigint[];
  /** From the stack pointer on; undefined: not mapped. */
  readonly stack: readonly bigint[] | undefined;
  /** What lies in memory, in the order of the parameters that do; undefined: not mapped. */
  readonly memory: readonly (Uint8Array | undefined)[];
}

/** What it takes beside a0 to a7 to tell values, as plain data. */
export interface Needed {
  readonly fa: boolean;
  readonly stackWords: number;
  /** Of the structures that are passed by reference. */
  readonly memory: readonly { readonly in: "a" | "fa" | "stack"; readonly index: number; readonly bytes: number }[];
}

/** Undefined: nothing. */
export function neededFor(passed: readonly Passed[]): Needed | undefined {
  const carriers = passed.flatMap((one) => one.carriers);
  const onStack = carriers.filter((carrier) => carrier.in === "stack").map(({ index }) => index + 1);
  const memory = passed.flatMap(({ isByReference, bytes, carriers: [pointer] }) =>
    isByReference && pointer !== undefined ? [{ in: pointer.in, index: pointer.index, bytes }] : [],
  );
  const fa = carriers.some((carrier) => carrier.in === "fa");
  const stackWords = Math.max(0, ...onStack);
  return fa || stackWords > 0 || memory.length > 0 ? { fa, stackWords, memory } : undefined;
}

/** Reads one value of what a hart had. */
export type Reader = (carried: Carried) => GuestValue | undefined;

export function readerOf(passed: Passed, memoryIndex = 0): Reader {
  const { type, bytes, carriers, isByReference } = passed;
  if (isByReference) {
    return ({ memory }) => {
      const there = memory[memoryIndex];
      return there && valueOfBytes({ type, bits: undefined }, there);
    };
  }
  const [first] = carriers;
  if (carriers.length === 1 && first?.in === "a" && isWhole(passed)) return integerReader(passed, first.index);
  return (carried) => {
    const whole = new Uint8Array(bytes);
    for (const carrier of carriers) {
      const word = carried[carrier.in]?.[carrier.index];
      if (word === undefined) return undefined;
      for (let at = 0; at < carrier.bytes; at += 1)
        whole[carrier.offset + at] = Number((word >> BigInt(8 * at)) & 0xffn);
    }
    return valueOfBytes({ type, bits: undefined }, whole);
  };
}

/** The object of all that could be read; frozen. */
export function parametersReader({
  parameters,
}: Convention): (carried: Carried) => Readonly<Record<string, GuestValue>> {
  let inMemory = 0;
  const readers = parameters.map(
    (parameter) => [parameter.name, readerOf(parameter, parameter.isByReference ? inMemory++ : 0)] as const,
  );
  return (carried) => {
    const entries: [string, GuestValue][] = [];
    for (const [name, read] of readers) {
      const value = read(carried);
      if (value !== undefined) entries.push([name, value]);
    }
    return Object.freeze(Object.fromEntries(entries));
  };
}

const isWhole = ({ type }: Passed): boolean => INTEGERS.includes(plain(type).kind);
const INTEGERS: readonly string[] = ["integer", "character", "pointer", "enumeration"];

/** The most common by far: in one register, of which it is the lowest bytes. */
function integerReader({ type, bytes }: Passed, register: number): Reader {
  const of = plain(type);
  const isSigned = "isSigned" in of && of.isSigned;
  const bits = 8 * bytes;
  return ({ a }) => {
    const word = a[register];
    if (word === undefined) return undefined;
    return isSigned ? BigInt.asIntN(bits, word) : BigInt.asUintN(bits, word);
  };
}
