/** Disks in a saved state: which there are, and of each what was written. A machine without disks has no such sections. */
import * as t from "io-ts";

import { canonicalBytes } from "../../../machine/canonical.js";
import { overlayPage, zeroPage } from "../../../machine/disk/disk.js";
import { initialDisks, type DiskState, type OverlayPage } from "../../../machine/disk/disk-state.js";
import type { MachineConfig } from "../../../reducers/machine-config.js";
import { Count, U8 } from "../../../reducers/scalars.js";
import { decodePart } from "./decode-part.js";
import { numbersIn, numberSections, pagesIn, pageSections, type NumberedPage } from "./page-sections.js";
import type { Section } from "./sections.js";
import { StateError } from "./state-error.js";

/** Every such section's name begins so. */
export const DISK_SECTION = "disk";

export function* diskSections(disks: readonly DiskState[]): Generator<Section> {
  if (disks.length === 0) return;
  yield { name: ALL_DISKS, raw: canonicalBytes(disks.map(({ slot, nextRequest }) => ({ slot, nextRequest }))) };
  for (const { slot, overlay } of disks) {
    const pages: NumberedPage[] = [];
    const zeros: number[] = [];
    for (const index of overlay.indices()) {
      const bytes = overlay.page(index)?.bytes ?? null;
      if (bytes === null) zeros.push(index);
      else pages.push([index, bytes]);
    }
    yield* pageSections(pagesOf(slot), pages);
    yield* numberSections(zerosOf(slot), zeros);
  }
}

/** @throws {StateError} where they are not what `diskSections` makes of disks of this machine. */
export function disksFrom(sections: readonly Section[], config: MachineConfig): readonly DiskState[] {
  const fresh = initialDisks(config);
  const names = fresh.flatMap(({ slot }) => [pagesOf(slot), zerosOf(slot)]);
  const strange = sections.find(({ name }) => name !== ALL_DISKS && !names.some((prefix) => name.startsWith(prefix)));
  if (strange !== undefined) throw new StateError("UNEXPECTED", "no disk has it", { section: strange.name });
  const facts = factsIn(sections);
  if (facts.length !== fresh.length || fresh.some(({ slot }, index) => facts[index]?.slot !== slot)) {
    throw new StateError("INVALID", "they are not the machine's disks", { section: ALL_DISKS });
  }
  return fresh.map((disk, index) => {
    const { slot, overlay } = disk;
    const { pageCount } = overlay;
    const pages: (readonly [number, OverlayPage])[] = [
      ...pagesIn(sections, pagesOf(slot), pageCount).map(([page, bytes]) => [page, overlayPage(bytes, page)] as const),
      ...numbersIn(sections, zerosOf(slot), pageCount).map((page) => [page, zeroPage(page)] as const),
    ];
    return { slot, nextRequest: facts[index]?.nextRequest ?? 0, overlay: overlay.with(pages) };
  });
}

const ALL_DISKS = "disks";
const pagesOf = (slot: number): string => `${DISK_SECTION}${String(slot)}.pages`;
const zerosOf = (slot: number): string => `${DISK_SECTION}${String(slot)}.zeros`;

const Facts = t.readonlyArray(t.readonly(t.exact(t.type({ slot: U8, nextRequest: Count }))));

const factsIn = (sections: readonly Section[]): t.TypeOf<typeof Facts> => {
  const section = sections.find(({ name }) => name === ALL_DISKS);
  return section === undefined ? [] : decodePart(Facts, section);
};
