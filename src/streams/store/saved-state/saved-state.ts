/** A state as bytes, and back: every field of it, for a fresh process; equal states are equal bytes. */
import * as t from "io-ts";

import { canonicalBytes } from "../../../machine/canonical.js";
import { PageDigester } from "../../../machine/digest/page-digest.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "../../../machine/ram.js";
import { hashOfState } from "../../../machine/state-hash.js";
import type { MachineState } from "../../../machine/state.js";
import { ClockState, virtualNs as virtualNsOf } from "../../../reducers/clock.js";
import { Position as PositionCodec, type Position } from "../../../reducers/events.js";
import { MachineConfig } from "../../../reducers/machine-config.js";
import { ImageDigest } from "../log/index.js";
import { decodePart } from "./decode-part.js";
import { DISK_SECTION, diskSections, disksFrom } from "./disk-sections.js";
import { pagesIn, pageSections } from "./page-sections.js";
import { beginsAsState, decodeSections, encodeSections, type Section } from "./sections.js";
import { PART_CODECS, partsOf, stateFrom, type Parts } from "./state-codecs.js";
import { StateError } from "./state-error.js";

/** Whose state it must be: any state of that machine will do. */
export type ExpectedMachine = Pick<MachineState, "config" | "rom">;

/** With the digests of the images that its machine was started from, a fresh process can make the machine again by itself. */
export const saveState = (state: MachineState, images?: readonly ImageDigest[]): Uint8Array => {
  const parts = partsOf(state);
  const plain = Object.keys(PART_CODECS).map((name): Section => ({ name, raw: canonicalBytes(parts[name]) }));
  const origin = images === undefined ? [] : [{ name: IMAGES_SECTION, raw: canonicalBytes(images) }];
  return encodeSections({
    stateHash: hashOfState(state),
    sections: [...plain, ...origin, ...diskSections(state.disks), ...ramSections(state.ram)],
  });
};

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

/** @throws {StateError} */
export function describeState(bytes: Uint8Array): SavedStateInfo {
  const { sections, stateHash } = decodeSections(bytes);
  const part = <A>(name: string, codec: t.Type<A, unknown>): A | undefined => {
    const section = sections.find((candidate) => candidate.name === name);
    return section === undefined ? undefined : decodePart(codec, section);
  };
  const machine = part("config", MachineConfig);
  const position = part("position", PositionCodec);
  const clock = part("clock", ClockState);
  if (machine === undefined || position === undefined || clock === undefined) {
    throw new StateError("INCOMPLETE", "it has no machine; save it again", { section: "config" });
  }
  const images = part(IMAGES_SECTION, t.readonlyArray(ImageDigest));
  const virtualNs = virtualNsOf(clock, machine.shift, position.icount);
  return { machine, position, virtualNs, stateHash, images, bytes: bytes.length, sections: sections.length };
}

/** @throws {StateError} where the bytes are not what `saveState` made, or the state is another machine's. */
export function loadState(bytes: Uint8Array, machine?: ExpectedMachine): MachineState {
  const { sections, stateHash } = decodeSections(bytes);
  const ofDisks = sections.filter(({ name }) => name.startsWith(DISK_SECTION));
  const others = [RAM_SECTION, DISK_SECTION, IMAGES_SECTION];
  const plain = sections.filter(({ name }) => !others.some((prefix) => name.startsWith(prefix)));
  const parts = decodeParts(plain);
  const { config } = parts;
  if (!MachineConfig.is(config)) throw new StateError("INVALID", "it has no machine", { section: "config" });
  const ram = decodeRam(sections, config.memoryBytes / RAM_PAGE_BYTES);
  const state = stateFrom(parts, disksFrom(ofDisks, config), ram);
  if (hashOfState(state) !== stateHash) {
    throw new StateError("INVALID", "the sections do not make the state that was saved; save it again");
  }
  if (machine !== undefined) requireMachine(state, machine);
  return state;
}

/** Not of the state: where its machine came from. */
const IMAGES_SECTION = "images";
const RAM_SECTION = "ram";

const ramSections = (ram: Ram): Iterable<Section> =>
  pageSections(
    RAM_SECTION,
    [...ram.pageIndices()].map((index) => [index, ram.page(index)?.bytes ?? new Uint8Array(RAM_PAGE_BYTES)]),
  );

function decodeRam(sections: readonly Section[], pageCount: number): Ram {
  const digester = new PageDigester();
  return Ram.zeros(pageCount).with(
    pagesIn(sections, RAM_SECTION, pageCount).map(([index, bytes]): [number, RamPage | undefined] => {
      const digest = digester.of(bytes, index);
      return [index, digest === 0n ? undefined : { bytes, digest }];
    }),
  );
}

function decodeParts(sections: readonly Section[]): Parts {
  const missing = Object.keys(PART_CODECS).find((name) => !sections.some((section) => section.name === name));
  if (missing !== undefined) throw new StateError("INCOMPLETE", "it is not there; save it again", { section: missing });
  return Object.fromEntries(sections.map((section) => [section.name, decodePart(codecOf(section), section)]));
}

function codecOf({ name }: Section): t.Mixed {
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
    if (isSame(value, other)) continue;
    const shown = `it has ${inWords(value)}, the machine ${inWords(other)}`;
    throw new StateError("WRONG_MACHINE", `${shown}; open the machine as it was when the state was saved`, { field });
  }
  if (!isSame(state.rom, machine.rom)) {
    throw new StateError("WRONG_MACHINE", "the machine started from other images; give those of the saved one", {
      field: "rom",
    });
  }
}

const isSame = (a: unknown, b: unknown): boolean => {
  const [left, right] = [canonicalBytes(a), canonicalBytes(b)];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
};

const inWords = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "none"));
