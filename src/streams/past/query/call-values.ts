/** What a hart has at a call or at a return, of what the calling convention passes. */
import { seenBy } from "../../../machine/inspect.js";
import type { Machine } from "../../../machine/machine.js";
import { readMemory } from "../names/memory.js";
import { integerOf } from "../../../machine/little-endian.js";
import type { Carried, Needed } from "../names/passed-values.js";

/** `a`: a0 to a7. */
export function carriedAtCall(machine: Machine, a: readonly bigint[], needed: Needed): Carried {
  const fa = needed.fa ? floatRegisters(machine) : [];
  const stack = needed.stackWords === 0 ? [] : stackWords(machine, needed.stackWords);
  const words = { a, fa, stack };
  const memory = needed.memory.map(({ in: where, index, bytes }) => {
    const pointer = words[where]?.[index];
    return pointer === undefined ? undefined : memoryAt(machine, pointer, bytes);
  });
  return { ...words, memory };
}

/** `address`: of a result that is returned in memory. */
export function carriedAtReturn(machine: Machine, needed: Needed | undefined, address: bigint): Carried {
  const a = [machine.x(A0), machine.x(A0 + 1)];
  const [inMemory] = needed?.memory ?? [];
  const memory = inMemory === undefined ? [] : [memoryAt(machine, address, inMemory.bytes)];
  return { a, fa: needed?.fa === true ? floatRegisters(machine) : [], stack: [], memory };
}

const A0 = 10;
const SP = 2;
const WORD_BYTES = 8;
const FLOATS = 8;

const floatRegisters = (machine: Machine): readonly bigint[] => {
  const f = machine.present.harts[machine.hart]?.f ?? [];
  return Array.from({ length: FLOATS }, (_, index) => f[A0 + index] ?? 0n);
};

function stackWords(machine: Machine, count: number): readonly bigint[] | undefined {
  const bytes = memoryAt(machine, machine.x(SP), count * WORD_BYTES);
  return (
    bytes &&
    Array.from({ length: count }, (_, index) => integerOf(bytes.subarray(index * WORD_BYTES, (index + 1) * WORD_BYTES)))
  );
}

const memoryAt = (machine: Machine, address: bigint, bytes: number): Uint8Array | undefined =>
  readMemory(seenBy(machine.present, machine.hart), address, bytes);
