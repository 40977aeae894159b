/** How far one state lies from the next, by what it costs: the pages that were written since the one before. */

/** Copying and digesting a page takes about as long as running so many instructions does at twenty times the price. */
const INSNS_A_PAGE = 15_000;
export const LEAST_DISTANCE_INSNS = 5_000_000;
const MOST_DISTANCE_INSNS = 50_000_000;

/** From a state to the next, if the guest goes on to write as many pages as it wrote before that state. */
export const distanceAfter = (pages: number): number =>
  Math.min(Math.max(LEAST_DISTANCE_INSNS, pages * INSNS_A_PAGE), MOST_DISTANCE_INSNS);
