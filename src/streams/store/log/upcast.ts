/**
 * Every format version that this foldvm reads, and how each is brought to the next; a released version stays for ever.
 * A new kind of event needs no new version: an older foldvm names it as unknown. When a payload changes or the meaning
 * of one does: freeze the old layout here under its number, add the step to the next version, raise CURRENT_VERSION,
 * and keep a golden log of the old version in `logs/`.
 */
import { EVENTS } from "../../../reducers/events.js";
import type { UncheckedEvent } from "../../../reducers/event-boundary.js";
import type { EventLayout } from "./event-layout.js";
import { layoutOf } from "./event-layout.js";

export const CURRENT_VERSION = 4;

/** What every recording begins with, so that older readers have all that they can read. */
export const FIRST_VERSION = 1;
/** From here on a recording may hold snapshots, and begin with one. */
export const SNAPSHOT_VERSION = 2;
/** A recording that carries its images has this from its first segment on, so that older readers name the version. */
export const IMAGES_VERSION = 3;
/** The header of a branch names its parent. Such a recording has this from its first segment on. */
export const BRANCH_VERSION = 4;

export interface FormatVersion {
  /** How the events of this version are laid out. */
  readonly layout: EventLayout;
  /** How the header's JSON and an event become those of the next version; absent in the current one. */
  readonly toNext?: {
    header(json: unknown): unknown;
    event(event: UncheckedEvent): UncheckedEvent;
  };
}

export const CURRENT_LAYOUT = layoutOf(EVENTS);

const AS_IT_IS: NonNullable<FormatVersion["toNext"]> = { header: (json) => json, event: (event) => event };

export const FORMAT_VERSIONS: ReadonlyMap<number, FormatVersion> = new Map<number, FormatVersion>([
  [FIRST_VERSION, { layout: CURRENT_LAYOUT, toNext: AS_IT_IS }],
  [SNAPSHOT_VERSION, { layout: CURRENT_LAYOUT, toNext: AS_IT_IS }],
  [IMAGES_VERSION, { layout: CURRENT_LAYOUT, toNext: AS_IT_IS }],
  [BRANCH_VERSION, { layout: CURRENT_LAYOUT }],
]);

/** How to read one version: undefined for a version that this foldvm doesn't know. */
export const formatOf = (
  version: number,
  versions: ReadonlyMap<number, FormatVersion> = FORMAT_VERSIONS,
):
  | { layout: EventLayout; header(json: unknown): unknown; upcast(event: UncheckedEvent): UncheckedEvent }
  | undefined => {
  const format = versions.get(version);
  if (format === undefined) return undefined;
  const { layout, toNext } = format;
  if (toNext === undefined) return { layout, header: (json) => json, upcast: (event) => event };
  const next = formatOf(version + 1, versions);
  if (next === undefined) throw new Error(`format version ${String(version)} leads to none`);
  return {
    layout,
    header: (json) => next.header(toNext.header(json)),
    upcast: (event) => next.upcast(toNext.event(event)),
  };
};

/** Of a segment that the walk has let pass. */
export const knownFormat = (version: number): NonNullable<ReturnType<typeof formatOf>> => {
  const format = formatOf(version);
  if (format === undefined) throw new Error("the walk lets no unknown version pass");
  return format;
};
