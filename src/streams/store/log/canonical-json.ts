/**
 * JSON with exactly one encoding for each value: members are sorted by name, without white space. So equal machines
 * have equal headers.
 */

/**
 * Throws TypeError, with the path, for values that JSON can't restore: bigint, undefined, NaN, a function, a Date, a
 * cycle.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value, "$", []));

const sorted = (value: unknown, path: string, within: readonly object[]): unknown => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value !== "object") throw new TypeError(`${path} is ${describe(value)}, which JSON can't hold`);
  if (within.includes(value)) throw new TypeError(`${path} contains itself`);
  const inner = [...within, value];
  if (Array.isArray(value)) return value.map((item, index) => sorted(item, `${path}[${String(index)}]`, inner));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError(`${path} is no plain object`);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member, `${path}.${name}`, inner)]));
};

const describe = (value: unknown): string => (typeof value === "number" ? String(value) : typeof value);
