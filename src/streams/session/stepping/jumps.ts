/** Ways to another time at which a machine executed something, whatever stop points lie between. */
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget } from "../target/target.js";
import type { PastHit } from "../stop-points/last-hit.js";
import { activationsOf, besideActivation } from "./activation.js";
import { BackSearch } from "./back-search.js";
import { goOn } from "./forward.js";
import { endOf, type StepEnd } from "./step-end.js";
import { passing, stepPlace, stopsOf } from "./step-places.js";

/** The last time before here that it came to one of the instructions. @throws {MonitorError} where there is none */
export async function toLastTime(target: MonitorTarget, addresses: readonly bigint[]): Promise<StepEnd> {
  const search = new BackSearch(target);
  const place = stepPlace(search.stops, addresses, () => true);
  return goTo(search, await search.lastOf([place], { before: search.present }), "was not executed before here");
}

/** The next time. In the present of a machine that runs it goes on until then, or until something else stops it. */
export async function toNextTime(target: MonitorTarget, addresses: readonly bigint[]): Promise<StepEnd> {
  if (target.mode !== "replay") {
    const place = stepPlace(stopsOf(target), addresses, () => true);
    const end = endOf(await passing(stopsOf(target), [place], () => goOn(target)));
    return end.cause === "hit" && end.hit.point === place ? { cause: "stepped" } : end;
  }
  const search = new BackSearch(target);
  const from = search.present;
  const place = stepPlace(search.stops, addresses, (_at, icount) => icount > from.icount);
  return goTo(
    search,
    await search.first([place], { from: { seq: from.seq, icount: from.icount } }),
    "is not executed behind here",
  );
}

/** Where a call of the stack began; 0: the innermost, without inlined ones. */
export async function toBeginning(target: MonitorTarget, hart: number, depth: number): Promise<StepEnd> {
  const search = new BackSearch(target);
  const call = activationsOf(target.names, target.present(), hart)[depth];
  if (call?.code === undefined) throw new MonitorError("NOT_HERE", "nothing tells where this call began");
  if (call.pc === call.code.entry) return { cause: "stepped" };
  const place = stepPlace(search.stops, [call.code.entry], besideActivation(call));
  return goTo(search, await search.lastOf([place], { before: search.present }), "was called before the recording");
}

async function goTo(search: BackSearch, found: PastHit | undefined, missing: string): Promise<StepEnd> {
  if (found === undefined) throw new MonitorError("NOT_HERE", `it ${missing}; the machine stays where it is`);
  return search.goTo(found);
}
