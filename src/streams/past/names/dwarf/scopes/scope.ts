/** A function, and the blocks and inlined functions in it that have code. */
import { TAG } from "../entries/constants.js";
import { rangesOf } from "../entries/ranges.js";
import type { Entry } from "../entries/unit.js";
import type { Interval } from "../file/intervals.js";
import { MAX_CODE_RANGES } from "./functions.js";

/** Blocks and inlined functions within each other. */
export const MAX_SCOPE_DEPTH = 256;

export interface Scope {
  readonly entry: Entry;
  readonly ranges: readonly Interval[];
  /** Directly in it. */
  readonly scopes: readonly Scope[];
  /** Variables, parameters and calls directly in it, and in blocks without addresses of their own. */
  readonly entries: readonly Entry[];
}

/** Of a function's entry. @throws {DwarfError} */
export function scopeOf(entry: Entry): Scope {
  let ranges = 0;
  const read = (its: Entry, own: readonly Interval[], depth: number): Scope => {
    ranges += own.length;
    if (ranges > MAX_CODE_RANGES) throw its.unit.error(its.offset, "a function has too many ranges", "TOO_LARGE");
    const scopes: Scope[] = [];
    const entries: Entry[] = [];
    collect(its, depth, scopes, entries);
    return { entry: its, ranges: own, scopes, entries };
  };
  const collect = (parent: Entry, depth: number, scopes: Scope[], entries: Entry[]): void => {
    if (depth === MAX_SCOPE_DEPTH) throw parent.unit.error(parent.offset, "blocks are nested too deeply", "TOO_LARGE");
    for (const child of parent.children()) {
      if (!BLOCKS.has(child.tag)) {
        entries.push(child);
        continue;
      }
      const own = rangesOf(child);
      if (own.length > 0) scopes.push(read(child, own, depth + 1));
      // A block without code has no instruction, but the compiler may leave out the addresses of one that is a whole.
      else if (child.tag !== TAG.inlined_subroutine) collect(child, depth + 1, scopes, entries);
    }
  };
  return read(entry, rangesOf(entry), 0);
}

/** The function or inlined function itself, and not a block in it. */
export const isFunction = ({ entry }: Scope): boolean =>
  entry.tag === TAG.subprogram || entry.tag === TAG.inlined_subroutine;

/** From the function inwards: those that contain an address. */
export function scopesAt(scope: Scope, address: bigint): readonly Scope[] {
  const chain = [scope];
  for (let inner = innerAt(scope, address); inner !== undefined; inner = innerAt(inner, address)) chain.push(inner);
  return chain;
}

/** Without the innermost of them, which are so many inlined calls and the blocks in those. */
export function without(calls: number, scopes: readonly Scope[]): readonly Scope[] {
  let seen = scopes;
  for (let call = 0; call < calls; call += 1) seen = seen.slice(0, Math.max(0, seen.findLastIndex(isFunction)));
  return seen;
}

const BLOCKS: ReadonlySet<number> = new Set([TAG.lexical_block, TAG.inlined_subroutine, TAG.try_block]);

const innerAt = ({ scopes }: Scope, address: bigint): Scope | undefined =>
  scopes.find(({ ranges }) => ranges.some(({ start, end }) => start <= address && address < end));
