/** A place where a run stops because of what the guest does there. */
import type { MemoryRange } from "../../../machine/engine/probes.js";
import type { Inspected } from "../../../machine/inspect.js";
import { hexAddress } from "../../../reducers/hex.js";
import { Expression, type Scope } from "../../past/names/expression/index.js";
import { frameIn } from "../../past/names/frame.js";
import type { FrameReader } from "../../past/names/name-source.js";
import { locateInMemory, physicalRanges, type Place } from "../../past/names/place.js";
import { PlaceError } from "../../past/names/place-error.js";
import { breakAddresses } from "../../past/query/code-addresses.js";

/** As gdb has them: at an instruction; after a store; after a load; after either. And before a trap. */
export type StopKind = "break" | "watch" | "rwatch" | "awatch" | "trap";

export interface StopPoint {
  readonly number: number;
  readonly kind: StopKind;
  /** As it was typed. */
  readonly place: string;
  /** As harts see it. Of a line, where it begins; it may begin at several. */
  readonly addresses: readonly bigint[];
  /** Where that is in memory. */
  readonly ranges: readonly MemoryRange[];
  /** Those of the addresses, of instructions, that lie nowhere yet: it stops wherever they come to be. */
  readonly unmapped?: readonly bigint[];
  /** As it was typed. Undefined: it always stops. */
  readonly condition: string | undefined;
  /** `icount`: the instructions that were retired before. */
  readonly isMet: (at: Inspected, icount: number) => boolean;
  /** Of traps: as in xcause. */
  readonly causes?: ReadonlySet<bigint>;
  /**
   * Its debugger takes it away, steps over the instruction, and then looks what has changed: so of a hart's access too
   * it stands before the instruction. Else it stands behind an access, and goes on from where it stands.
   */
  readonly isSteppedOver: boolean;
  /** It goes when it was hit. */
  readonly isOnce: boolean;
  hits: number;
}

export type NewStopPoint = Omit<StopPoint, "number" | "hits">;

/** More than a person sets. Each costs where it lies. */
export const MAX_STOP_POINTS = 1000;

const INSTRUCTION_BYTES = 2;

/**
 * `text`: `PLACE [if CONDITION]`. `mapped`: states in which the place may be mapped, the first that has it.
 *
 * @throws {PlaceError} where the place is none, or in none of the states
 */
export function stopPointOf(
  kind: StopKind,
  text: string,
  scope: Scope,
  { mapped, isOnce = false }: { readonly mapped: readonly (() => Inspected)[]; readonly isOnce?: boolean },
): NewStopPoint {
  const [, place = "", condition] = /^(.*?)(?:\s+if\s+(.*))?$/s.exec(text.trim()) ?? [];
  const { addresses, bytes } =
    kind === "break"
      ? { addresses: breakAddresses(codePlace(place), scope), bytes: INSTRUCTION_BYTES }
      : memoryOf(place, scope);
  return stopPointAt({ kind, place, addresses, bytes, condition, isOnce }, scope, mapped);
}

/** `bytes`: at each of the addresses. */
export type StopPlace = Pick<NewStopPoint, "kind" | "place" | "addresses" | "condition" | "isOnce"> & {
  readonly bytes?: number;
};

/** @throws {PlaceError} where a place is in none of the states, or the condition means nothing there */
export function stopPointAt(
  { kind, place, addresses, bytes = INSTRUCTION_BYTES, condition, isOnce }: StopPlace,
  scope: Scope,
  mapped: readonly (() => Inspected)[],
): NewStopPoint {
  const places =
    kind === "break"
      ? codeIn(addresses, mapped)
      : { ranges: addresses.flatMap((address) => rangesIn({ address, bytes }, mapped)) };
  const expression = condition === undefined ? undefined : new Expression(condition);
  // A name that is not there is said at once: of an instruction, there; of memory, where the hart is now.
  if (kind !== "break") expression?.holds(scope);
  else for (const pc of addresses) expression?.holds({ ...scope, frame: { ...readerOf(frameIn(scope)), pc } });
  const isMet = (at: Inspected): boolean => expression === undefined || isMetAt(expression, { names: scope.names, at });
  return { kind, place, addresses, ...places, condition, isMet, isSteppedOver: false, isOnce };
}

/** Memory is stored to by any function: where the names mean nothing, nothing is met. */
function isMetAt(condition: Expression, scope: Scope): boolean {
  try {
    return condition.holds(scope);
  } catch (fault) {
    if (fault instanceof PlaceError) return false;
    throw fault;
  }
}

const readerOf = (frame: FrameReader): Omit<FrameReader, "pc"> => ({
  register: (register) => frame.register(register),
  canonicalFrameAddress: () => frame.canonicalFrameAddress(),
  read: (address, bytes) => frame.read(address, bytes),
});

/** As gdb writes an address of code: `*0x80000000`. */
const codePlace = (place: string): Place => place.replace(/^\*/, "");

function memoryOf(place: string, scope: Scope): { readonly addresses: readonly bigint[]; readonly bytes: number } {
  const { address, bytes } = locateInMemory(place, scope);
  return { addresses: [address], bytes };
}

/** Of instructions, which need not be there yet. */
export function codeIn(
  addresses: readonly bigint[],
  mapped: readonly (() => Inspected)[],
): Required<Pick<StopPoint, "ranges" | "unmapped">> {
  const ranges: MemoryRange[] = [];
  const unmapped: bigint[] = [];
  for (const address of addresses) {
    const found = mappedIn({ address, bytes: INSTRUCTION_BYTES }, mapped);
    if (found === undefined) unmapped.push(address);
    else ranges.push(...found);
  }
  return { ranges, unmapped };
}

/** @throws {PlaceError} where none of the states has it */
export function rangesIn(
  place: { readonly address: bigint; readonly bytes: number },
  mapped: readonly (() => Inspected)[],
): readonly MemoryRange[] {
  const found = mappedIn(place, mapped);
  if (found !== undefined) return found;
  const when = mapped.length > 1 ? ", here or at the end" : " here; let it go on until it is";
  throw new PlaceError("CANNOT_ACCESS", `${hexAddress(place.address)} is not mapped to memory${when}`);
}

function mappedIn(
  place: { readonly address: bigint; readonly bytes: number },
  mapped: readonly (() => Inspected)[],
): readonly MemoryRange[] | undefined {
  for (const seenFrom of mapped) {
    try {
      return physicalRanges(place, seenFrom);
    } catch (fault) {
      if (!(fault instanceof PlaceError)) throw fault;
    }
  }
  return undefined;
}
