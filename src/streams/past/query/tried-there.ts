/** Whether a function can say something where a hart arrives, before one does. */
import type { Inspected } from "../../../machine/inspect.js";
import { PlaceError } from "../names/place-error.js";

/**
 * Throws what names the function looks for, at whichever of the instructions it is called. What else it throws may come
 * of memory and registers, which are not those of an arrival. @throws {PlaceError}
 */
export function tryThere(said: (seen: Inspected) => unknown, state: Inspected, addresses: readonly bigint[]): void {
  const faults = addresses.map((address) => faultOf(() => said(standingAt(state, address))));
  const [first] = faults;
  if (first !== undefined && !faults.includes(undefined)) throw first;
}

function faultOf(work: () => unknown): PlaceError | undefined {
  try {
    work();
    return undefined;
  } catch (fault) {
    return fault instanceof PlaceError ? fault : undefined;
  }
}

/** As if each hart were about to execute the instruction there. */
const standingAt = (state: Inspected, address: bigint): Inspected =>
  derived(state, {
    harts: state.harts.map((hart) => derived(hart, { fields: derived(hart.fields, { pc: address }) })),
  });

/** No copy: what is not otherwise is read when it is asked for. */
const derived = <Whole extends object>(whole: Whole, otherwise: Partial<Whole>): Whole =>
  Object.create(
    whole,
    Object.fromEntries(Object.entries(otherwise).map(([name, value]) => [name, { value }])),
  ) as Whole;
