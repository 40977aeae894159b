/** QEMU's -smp: a number of harts, or the places that they have in a topology, of which their number follows. */
import { KeyValues } from "./key-values.js";
import { UsageError } from "./problems.js";
import { integer } from "./values.js";

/** Of the machine `virt`. */
const PLACES = ["sockets", "cores", "threads"] as const;
/** Levels that other machines of QEMU have. */
const ABSENT_PLACES = ["dies", "clusters"] as const;

/** Undefined: it was not given. @throws {UsageError} where QEMU would refuse it, or adds harts later. */
export function hartCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const values = new KeyValues("--smp", text, "cpus");
  const absent = ABSENT_PLACES.map((key) => [key, countOf(key, values.one(key))] as const);
  const places = PLACES.map((key) => countOf(key, values.one(key)));
  const most = countOf("maxcpus", values.one("maxcpus"));
  const named = countOf("cpus", values.word === "" ? undefined : values.word);
  values.finish(`use cpus=N, maxcpus=N, ${PLACES.map((key) => `${key}=N`).join(", ")}`);
  const refuse = (reason: string): UsageError => new UsageError(`--smp ${text}: ${reason}`);

  for (const [key, count = 1] of absent)
    if (count > 1) throw refuse(`this machine's harts have no ${key}; use ${PLACES.join(", ")}, or leave it out`);
  const product = places.reduce<number>((all, count = 1) => all * count, 1);
  const harts = named ?? most ?? product;
  const all = most ?? harts;
  if (all < harts) throw refuse(`maxcpus=${String(all)} is less than its ${String(harts)} harts`);
  // What is left out is one, or what is missing to the whole.
  const fits = places.includes(undefined) ? all % product === 0 : all === product;
  if (!fits) throw refuse(`${told(places)} can't be the places of ${String(all)} harts; use --smp ${String(harts)}`);
  if (all !== harts) throw refuse(`no hart can be plugged in later; use maxcpus=${String(harts)} or leave it out`);
  return harts;
}

const countOf = (key: string, word: string | undefined): number | undefined => {
  const count = word === undefined ? undefined : integer(`--smp ${key}`, word);
  if (count === 0) throw new UsageError(`--smp ${key}=0: give 1 or more`);
  return count;
};

/** `2 sockets * 2 cores`. */
const told = (places: readonly (number | undefined)[]): string =>
  PLACES.flatMap((key, index) => (places[index] === undefined ? [] : [`${String(places[index])} ${key}`])).join(" * ");
