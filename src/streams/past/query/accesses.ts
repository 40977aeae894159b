/** `writes` and `reads`: who touched a place in memory, when, and what was there. */
import type { MemoryRange, Probed } from "../../../machine/engine/probes.js";
import type { Machine } from "../../../machine/machine.js";
import type { Instant } from "../../../reducers/stream-event.js";
import type { Recording } from "../recording.js";
import { checkQuery, globalScope, type AskedOptions } from "./asked.js";
import { placeCodec } from "../names/place-codec.js";
import { locateInMemory, physicalRanges, type Place } from "../names/place.js";
import { mayBeWritten } from "./may-be-written.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { hartThere, instantThere, Namer, type Unnamed } from "./row.js";

export interface AccessesOptions extends AskedOptions {
  /** Where. A virtual address is translated as at the end of the range. */
  readonly of: Place;
}

/** An access to RAM. One that crosses a page has two rows. Devices and debuggers have no `pc` and no `function`. */
export interface Access extends Instant {
  /** The one that executes. */
  readonly hart: number;
  readonly pc: bigint | undefined;
  readonly function: string | undefined;
  readonly line: string | undefined;
  readonly by: "hart" | "device" | "debugger";
  /** Physical. */
  readonly address: number;
  readonly bytes: number;
  /** Unsigned, little-endian. */
  readonly value: bigint;
}

export interface Write extends Access {
  readonly before: bigint;
}

/**
 * The stores to a place: by instructions, page-table walks, devices and debuggers. @throws {PlaceError} and, when it is
 * read, as a replay does
 */
export const writes = (recording: Recording, options: AccessesOptions): Query<Write> =>
  accesses(writesKind, recording, options);

/** The loads from a place, by instructions and devices. Fetches and page-table walks are none. Throws as `writes`. */
export const reads = (recording: Recording, options: AccessesOptions): Query<Access> =>
  accesses(readsKind, recording, options);

type Ranges = readonly MemoryRange[];
type RamProbed = Extract<Probed, { by: string }>;

export const writesKind: Kind<Ranges, Unnamed<Write>> = {
  name: "writes",
  listen: (stores) => ({
    probes: { stores },
    told: (machine, icount, probed) =>
      probed.type === "memory/stored" ? { ...common(machine, icount, probed), before: probed.before } : undefined,
    rulesOut: (before, after) => !mayBeWritten(stores, before, after),
  }),
};

export const readsKind: Kind<Ranges, Unnamed<Access>> = {
  name: "reads",
  listen: (loads) => ({
    probes: { loads },
    told: (machine, icount, probed) => (probed.type === "memory/loaded" ? common(machine, icount, probed) : undefined),
  }),
};

function common(machine: Machine, icount: number, { by, address, bytes, value }: RamProbed): Unnamed<Access> {
  const where =
    by === "hart"
      ? hartThere(machine, icount)
      : { ...instantThere(machine, icount), hart: machine.hart, pc: undefined };
  return { ...where, by, address, bytes, value };
}

function accesses<Row extends Access>(
  kind: Kind<Ranges, Unnamed<Row>>,
  recording: Recording,
  options: AccessesOptions,
): Query<Row> {
  checkQuery(kind.name, recording, options, { of: placeCodec });
  const { of, from, until } = options;
  const open = (): Reading<Row> => {
    const ranges = physicalRanges(locateInMemory(of, globalScope(recording, until)), () => recording.at(until));
    const namer = new Namer(recording.names);
    return readingOf(kind, ranges, (found) => namer.name<Row>(found));
  };
  return new Query(recording, open, { from, until });
}
