/** A state as bytes, and back: every field of it, for a fresh process; equal states are equal bytes. */
import { check } from "../../../options/check.js";
import { exactly, having, maybe } from "../../../options/codecs.js";
import { aState, imageDigests, savedBytes } from "../../../options/parts.js";
import * as t from "io-ts";

import { canonicalBytes, isSameValue } from "../../../machine/canonical.js";
import { concatenated } from "../../../reducers/concatenated.js";
import { PageDigester } from "../../../machine/digest/page-digest.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "../../../machine/ram.js";
import { hashOfState } from "../../../machine/state-hash.js";
import type { MachineState } from "../../../machine/state.js";
import { ClockState, virtualNs as virtualNsOf } from "../../../reducers/clock.js";
import { Position as PositionCodec, type Position } from "../../../reducers/position.js";
import { MachineConfig } from "../../../reducers/machine-config.js";
import { bytesSource, ImageDigest, type ByteSource } from "../log/index.js";
import { decodePart } from "./decode-part.js";
import { DISK_SECTION, diskSections, disksFrom } from "./disk-sections.js";
import { requireShape } from "./machine-shape.js";
import { pagesIn, pageSections } from "./page-sections.js";
import {
  beginsAsState,
  encodeSections,
  findSections,
  inTurn,
  listed,
  readSection,
  type FoundSection,
  type Section,
  type Sections,
} from "./sections.js";
import { PART_CODECS, partsOf, stateFrom } from "./state-codecs.js";
import { StateError } from "./state-error.js";

/** Whose state it must be: any state of that machine will do. */
export type ExpectedMachine = Pick<MachineState, "config" | "rom">;

const SAVED = exactly<{ readonly state: MachineState; readonly images: unknown }>({
  state: aState,
  images: maybe(imageDigests),
});
const STORED = exactly<{ readonly saved: unknown }>({ saved: savedBytes });
const LOADED = exactly<{ readonly saved: unknown; readonly machine: unknown }>({
  saved: savedBytes,
  machine: maybe(having("a state, or a machine's config and rom", "config", "rom")),
});

/**
 * The bytes of a saved state, piece by piece, in memory of one piece. With the digests of the images that its machine
 * was started from, a fresh process can make the machine again by itself. @throws {StateError}
 */
export function* encodeState(state: MachineState, images?: readonly ImageDigest[]): Generator<Uint8Array> {
  const parts = partsOf(state);
  const plain = Object.keys(PART_CODECS).map((name): Section => ({ name, raw: canonicalBytes(parts[name]) }));
  const origin = images === undefined ? [] : [{ name: IMAGES_SECTION, raw: canonicalBytes(images) }];
  const sections = inTurn(listed([...plain, ...origin]), diskSections(state.disks), ramSections(state.ram));
  yield* encodeSections(hashOfState(state), sections);
}

/** The same in one piece. @throws {StateError} */
export function saveState(state: MachineState, images?: readonly ImageDigest[]): Uint8Array {
  check("saveState", SAVED, { state, images });
  return concatenated([...encodeState(state, images)]);
}

/** What a saved state says of itself. */
export interface SavedStateInfo {
  readonly machine: MachineConfig;
  readonly position: Position;
  /** The virtual clock there. */
  readonly virtualNs: bigint;
  readonly stateHash: bigint;
  /** Absent where it was saved without. */
  readonly images: readonly ImageDigest[] | undefined;
  readonly bytes: number;
  readonly sections: number;
}

export const isSavedState = beginsAsState;

/** Reads what it tells, and no more: pages are looked at when it is loaded. @throws {StateError} */
export const describeState = (saved: Uint8Array | ByteSource): SavedStateInfo => {
  check("describeState", STORED, { saved });
  return inFile(sourceOf(saved), describe);
};

function describe(source: ByteSource): SavedStateInfo {
  const { found, stateHash } = findSections(source);
  const part = <A>(name: string, codec: t.Type<A, unknown>): A | undefined => {
    const section = found.find((candidate) => candidate.name === name);
    return section === undefined ? undefined : decodePart(codec, readSection(source, section));
  };
  const machine = part("config", MachineConfig);
  const position = part("position", PositionCodec);
  const clock = part("clock", ClockState);
  if (machine === undefined || position === undefined || clock === undefined) {
    throw new StateError("INCOMPLETE", "it has no machine; save it again", { section: "config" });
  }
  const images = part(IMAGES_SECTION, Origin);
  const virtualNs = virtualNsOf(clock, machine.shift, position.icount);
  return { machine, position, virtualNs, stateHash, images, bytes: source.size, sections: found.length };
}

/**
 * Reads section by section, in memory of the state and one of them.
 * @throws {StateError} where the bytes are not what `saveState` made, or the state is another machine's.
 */
export const loadState = (saved: Uint8Array | ByteSource, machine?: ExpectedMachine): MachineState => {
  check("loadState", LOADED, { saved, machine });
  return inFile(sourceOf(saved), (source) => load(source, machine));
};

function load(source: ByteSource, machine: ExpectedMachine | undefined): MachineState {
  const { found, stateHash } = findSections(source);
  const read = function* (prefix: string): Generator<Section> {
    for (const section of found) if (section.name.startsWith(prefix)) yield readSection(source, section);
  };
  const names = found.map(({ name }) => name);
  const others = [RAM_SECTION, DISK_SECTION, IMAGES_SECTION];
  const plain = found.filter(({ name }) => !others.some((prefix) => name.startsWith(prefix)));
  // All bytes are sound before more is looked into than how much RAM and which disks there are.
  const sections = readParts(source, plain);
  const config = configIn(sections);
  const ram = decodeRam(read(RAM_SECTION), config.memoryBytes / RAM_PAGE_BYTES);
  const disks = disksFrom({ names: names.filter((name) => name.startsWith(DISK_SECTION)), read }, config);
  for (const section of read(IMAGES_SECTION)) decodePart(Origin, section);
  const parts = Object.fromEntries(sections.map((section) => [section.name, decodePart(codecOf(section), section)]));
  const state = stateFrom(parts, disks, ram);
  requireShape(state);
  if (hashOfState(state) !== stateHash) {
    throw new StateError("INVALID", "the sections do not make the state that was saved; save it again");
  }
  if (machine !== undefined) requireMachine(state, machine);
  return state;
}

/** Not of the state: where its machine came from. */
const IMAGES_SECTION = "images";
const RAM_SECTION = "ram";

const Origin = t.readonlyArray(ImageDigest);

const ramSections = (ram: Ram): Sections =>
  pageSections(
    RAM_SECTION,
    [...ram.pageIndices()],
    (index) => ram.page(index)?.bytes ?? new Uint8Array(RAM_PAGE_BYTES),
  );

function decodeRam(sections: Iterable<Section>, pageCount: number): Ram {
  const digester = new PageDigester();
  const pages = function* (): Generator<readonly [number, RamPage | undefined]> {
    for (const [index, bytes] of pagesIn(sections, pageCount)) {
      const digest = digester.of(bytes, index);
      yield [index, digest === 0n ? undefined : { bytes, digest }];
    }
  };
  return Ram.zeros(pageCount).with(pages());
}

function readParts(source: ByteSource, found: readonly FoundSection[]): readonly Section[] {
  const missing = Object.keys(PART_CODECS).find((name) => !found.some((section) => section.name === name));
  if (missing !== undefined) throw new StateError("INCOMPLETE", "it is not there; save it again", { section: missing });
  return found.map((section) => readSection(source, section));
}

function configIn(sections: readonly Section[]): MachineConfig {
  const config = sections.find(({ name }) => name === "config");
  if (config === undefined) throw new StateError("INVALID", "it has no machine", { section: "config" });
  return decodePart(MachineConfig, config);
}

const sourceOf = (saved: Uint8Array | ByteSource): ByteSource =>
  saved instanceof Uint8Array ? bytesSource(saved) : saved;

/** What is wrong is told with the file's name. */
function inFile<T>(source: ByteSource, work: (source: ByteSource) => T): T {
  try {
    return work(source);
  } catch (fault) {
    if (!(fault instanceof StateError) || source.name === undefined) throw fault;
    throw new StateError(fault.code, fault.what, { ...fault.place, file: source.name });
  }
}

function codecOf({ name }: Pick<Section, "name">): t.Mixed {
  const codec = PART_CODECS[name];
  if (codec === undefined) throw new StateError("UNEXPECTED", "no section has this name", { section: name });
  return codec;
}

function requireMachine(state: MachineState, machine: ExpectedMachine): void {
  const [saved, ours] = [state.config, machine.config].map(
    (config) => new Map<string, unknown>(Object.entries(config)),
  );
  for (const field of new Set([...(saved?.keys() ?? []), ...(ours?.keys() ?? [])])) {
    const [value, other] = [saved?.get(field), ours?.get(field)];
    if (isSameValue(value, other)) continue;
    const shown = `it has ${inWords(value)}, the machine ${inWords(other)}`;
    throw new StateError("WRONG_MACHINE", `${shown}; open the machine as it was when the state was saved`, { field });
  }
  if (state.rom.digest !== machine.rom.digest) {
    throw new StateError("WRONG_MACHINE", "the machine started from other images; give those of the saved one", {
      field: "rom",
    });
  }
}

const inWords = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "none"));
