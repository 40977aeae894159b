/** `writes` and `reads`: who touched a place in memory, when, and what was there. */
import type { MemoryRange, Probed, Probes } from "../../../machine/engine/probes.js";
import { DRAM_BASE } from "../../../machine/memory-map.js";
import { RAM_PAGE_BYTES, type Ram } from "../../../machine/ram.js";
import type { Instant } from "../../../reducers/stream-event.js";
import type { Recording } from "../recording.js";
import { checkQuery, placeCodec, type AskedOptions } from "./asked.js";
import { parsePlace, physicalRanges, type Place } from "./place.js";
import { Query } from "./query.js";
import { RowMaker } from "./row.js";

export interface AccessesOptions extends AskedOptions {
  /** Where. A virtual address is translated as at the end of the range. */
  readonly of: Place;
}

/** An access to RAM. One that crosses a page has two rows. A device has no `pc` and no `function`. */
export interface Access extends Instant {
  readonly by: "hart" | "device";
  /** The one that executes. */
  readonly hart: number;
  readonly pc: bigint | undefined;
  readonly function: string | undefined;
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
 * The stores to a place: by instructions, page-table walks and devices. @throws {PlaceError} and, when it is read, as a
 * replay does
 */
export function writes(recording: Recording, options: AccessesOptions): Query<Write> {
  return accesses("writes", recording, options, {
    probes: (stores) => ({ stores }),
    row: (probed, common) =>
      probed.type === "memory/stored" ? { ...common(probed), value: probed.value, before: probed.before } : undefined,
    rulesOut: (ranges, before, after) => !mayBeWritten(ranges, before, after),
  });
}

/** The loads from a place, by instructions and devices. Fetches and page-table walks are none. Throws as `writes`. */
export function reads(recording: Recording, options: AccessesOptions): Query<Access> {
  return accesses("reads", recording, options, {
    probes: (loads) => ({ loads }),
    row: (probed, common) => (probed.type === "memory/loaded" ? { ...common(probed), value: probed.value } : undefined),
  });
}

type RamProbed = Extract<Probed, { by: string }>;
type Common = (probed: RamProbed) => Omit<Access, "value">;

interface Kind<Row> {
  readonly probes: (ranges: readonly MemoryRange[]) => Probes;
  readonly row: (probed: Probed, common: Common) => Row | undefined;
  readonly rulesOut?: (ranges: readonly MemoryRange[], before: Ram, after: Ram) => boolean;
}

function accesses<Row>(who: string, recording: Recording, options: AccessesOptions, kind: Kind<Row>): Query<Row> {
  checkQuery(who, recording, options, { of: placeCodec });
  const { of, from, until, symbols = [] } = options;
  return new Query(
    recording,
    () => {
      const names = [...recording.symbols(), ...symbols];
      const ranges = physicalRanges(parsePlace(of, names), () => recording.at(until));
      const maker = new RowMaker(names);
      return {
        probes: kind.probes(ranges),
        row: (machine, icount, probed) =>
          kind.row(probed, ({ by, address, bytes }) => {
            const where =
              by === "hart"
                ? maker.of(machine, icount)
                : { ...maker.moment(machine, icount), hart: machine.hart, pc: undefined, function: undefined };
            return { ...where, by, address, bytes };
          }),
        rulesOut: (before, after) => kind.rulesOut?.(ranges, before.ram, after.ram) ?? false,
      };
    },
    { from, until },
  );
}

/** A page that both states share was not written in between. A page of zeros is shared by all, so it says nothing. */
function mayBeWritten(ranges: readonly MemoryRange[], before: Ram, after: Ram): boolean {
  return ranges.some(({ address }) => {
    const page = Math.floor((address - DRAM_BASE) / RAM_PAGE_BYTES);
    const now = after.page(page);
    return now === undefined || now !== before.page(page);
  });
}
