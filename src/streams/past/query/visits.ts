/** `visits`: when a hart came to an instruction. */
import { oneOrList } from "../../../options/codecs.js";
import type { MachineState } from "../../../machine/state.js";
import type { Recording } from "../recording.js";
import { codeAddresses } from "./code-addresses.js";
import { checkQuery, globalScope, type AskedOptions } from "./asked.js";
import { placeCodec } from "../names/place-codec.js";
import { physicalRanges, type Place } from "../names/place.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";

export interface VisitsOptions extends AskedOptions {
  /** One instruction or several: names, addresses, or lines as `link.c:30`, which may begin at several. */
  readonly of: Place | readonly Place[];
}

/** An instruction that a hart fetched and was about to execute. */
export type Visit = RowOfHart;

const PLACES = oneOrList(placeCodec);

/** Arrivals at instructions. @throws {PlaceError} and, when it is read, as a replay does */
export function visits(recording: Recording, options: VisitsOptions): Query<Visit> {
  checkQuery("visits", recording, options, { of: PLACES });
  const { of, from, until } = options;
  const open = (): Reading<Visit> => {
    const places = Array.isArray(of) ? (of as readonly Place[]) : [of as Place];
    const addresses = places.flatMap((place) => codeAddresses(place, globalScope(recording, until)));
    const arrivals = addresses.map((address) => physicalOf(address, () => recording.at(until)));
    const namer = new Namer(recording.names);
    return readingOf(visitsKind, arrivals, (found) => namer.name<Visit>(found));
  };
  return new Query(recording, open, { from, until });
}

/** Asked about physical addresses. */
export const visitsKind: Kind<readonly number[], Unnamed<Visit>> = {
  name: "visits",
  listen: (arrivals) => ({
    probes: { arrivals },
    told: (machine, icount, probed) => (probed.type === "instruction/reached" ? hartThere(machine, icount) : undefined),
  }),
};

/** Of an instruction. @throws {PlaceError} */
export const physicalOf = (address: bigint, seenFrom: () => MachineState): number =>
  physicalRanges({ address, bytes: 2 }, seenFrom)[0]?.address ?? 0;
