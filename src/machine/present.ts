/**
 * Views of an engine's registers and RAM for inspection. Nothing is copied, so they are valid until the engine runs
 * again.
 */
import type { Engine } from "./engine/engine.js";
import { HART_FIELDS, type HartField } from "./hart/fields.js";
import type { Inspected } from "./inspect.js";

const REGISTERS = 32;

export const presentMemory = (engine: Engine, harts: number): Pick<Inspected, "harts" | "ram"> => ({
  // Each register is read on demand. Taking a state of the hart costs twenty microseconds, and a condition is checked
  // at every instruction.
  harts: Array.from({ length: harts }, (_, hart) => ({
    x: registers((index) => engine.hart(hart).x(index)),
    f: registers((index) => engine.hart(hart).f(index)),
    fields: readOnDemand<HartField, Record<HartField, bigint>>(HART_FIELDS, {}, (name) =>
      engine.hart(hart).field(name),
    ),
  })),
  ram: { byteLength: engine.ram.length, read: (offset, length) => engine.ram.slice(offset, offset + length) },
});

const registers = (read: (index: number) => bigint): readonly bigint[] =>
  readOnDemand(
    Array.from({ length: REGISTERS }, (_, index) => index),
    new Array<bigint>(REGISTERS),
    read,
  );

const readOnDemand = <Key extends string | number, T>(
  keys: readonly Key[],
  empty: Partial<T>,
  read: (key: Key) => bigint,
): T =>
  Object.defineProperties(
    empty,
    Object.fromEntries(keys.map((key) => [key, { get: () => read(key), enumerable: true }])),
  ) as T;
