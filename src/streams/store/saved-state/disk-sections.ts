/**
 * Disks in a saved state: which there are, and of each what was written. A machine without disks has no such sections.
 */
import * as t from "io-ts";

import { canonicalBytes } from "../../../machine/canonical.js";
import { overlayPage, zeroPage } from "../../../machine/disk/disk.js";
import { initialDisks, type DiskState, type OverlayPage } from "../../../machine/disk/disk-state.js";
import type { MachineConfig } from "../../../reducers/machine-config.js";
import { Count, U8 } from "../../../reducers/scalars.js";
import { decodePart } from "./decode-part.js";
import { numbersIn, numberSections, pagesIn, pageSections } from "./page-sections.js";
import { inTurn, listed, type Section, type Sections } from "./sections.js";
import { StateError } from "./state-error.js";

/** Every such section's name begins so. */
export const DISK_SECTION = "disk";

export function diskSections(disks: readonly DiskState[]): Sections {
  if (disks.length === 0) return listed([]);
  const facts = { name: ALL_DISKS, raw: canonicalBytes(disks.map(({ slot, nextRequest }) => ({ slot, nextRequest }))) };
  return inTurn(listed([facts]), ...disks.map(sectionsOf));
}

function sectionsOf({ slot, overlay }: DiskState): Sections {
  const pages: number[] = [];
  const zeros: number[] = [];
  for (const index of overlay.indices()) ((overlay.page(index)?.bytes ?? null) === null ? zeros : pages).push(index);
  const bytesOf = (index: number): Uint8Array => overlay.page(index)?.bytes ?? NOTHING;
  return inTurn(pageSections(pagesOf(slot), pages, bytesOf), numberSections(zerosOf(slot), zeros));
}

const NOTHING = new Uint8Array(0);

/**
 * Sections by their names, which are read as they are asked for: those that begin so, in the order in which they lie.
 */
export interface Named {
  readonly names: readonly string[];
  readonly read: (prefix: string) => Iterable<Section>;
}

/** @throws {StateError} where they are not what `diskSections` makes of disks of this machine. */
export function disksFrom({ names, read }: Named, config: MachineConfig): readonly DiskState[] {
  const fresh = initialDisks(config);
  const prefixes = fresh.flatMap(({ slot }) => [pagesOf(slot), zerosOf(slot)]);
  const strange = names.find((name) => name !== ALL_DISKS && !prefixes.some((prefix) => name.startsWith(prefix)));
  if (strange !== undefined) throw new StateError("UNEXPECTED", "no disk has it", { section: strange });
  const [facts = []] = [...read(ALL_DISKS)].map((section) => decodePart(Facts, section));
  if (facts.length !== fresh.length || fresh.some(({ slot }, index) => facts[index]?.slot !== slot)) {
    throw new StateError("INVALID", "they are not the machine's disks", { section: ALL_DISKS });
  }
  return fresh.map((disk, index) => {
    const { slot, overlay } = disk;
    const { pageCount } = overlay;
    const pages = function* (): Generator<readonly [number, OverlayPage]> {
      for (const [page, bytes] of pagesIn(read(pagesOf(slot)), pageCount)) yield [page, overlayPage(bytes, page)];
      for (const page of numbersIn(read(zerosOf(slot)), pageCount)) yield [page, zeroPage(page)];
    };
    return { slot, nextRequest: facts[index]?.nextRequest ?? 0, overlay: overlay.with(pages()) };
  });
}

const ALL_DISKS = "disks";
const pagesOf = (slot: number): string => `${DISK_SECTION}${String(slot)}.pages`;
const zerosOf = (slot: number): string => `${DISK_SECTION}${String(slot)}.zeros`;

const Facts = t.readonlyArray(t.readonly(t.exact(t.type({ slot: U8, nextRequest: Count }))));
