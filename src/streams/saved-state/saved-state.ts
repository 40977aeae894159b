/** A state as bytes, and back: every field of it, for a fresh process; equal states are equal bytes. */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { canonicalBytes } from "../../machine/canonical.js";
import { canonicalValue, CanonicalError } from "../../machine/canonical-value.js";
import { PageDigester } from "../../machine/engine/page-digest.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "../../machine/ram.js";
import { hashOfState } from "../../machine/state-hash.js";
import type { MachineState } from "../../machine/state.js";
import { Position as PositionCodec, type Position } from "../../reducers/events.js";
import { MachineConfig } from "../../reducers/machine-config.js";
import { ImageDigest } from "../log/index.js";
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
  return encodeSections({ stateHash: hashOfState(state), sections: [...plain, ...origin, ...ramSections(state.ram)] });
};

/** What a saved state says of itself. */
export interface SavedStateInfo {
  readonly machine: MachineConfig;
  readonly position: Position;
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
    return section === undefined ? undefined : decodedWith(codec, name, section.raw);
  };
  const machine = part("config", MachineConfig);
  const position = part("position", PositionCodec);
  if (machine === undefined || position === undefined) {
    throw new StateError("INCOMPLETE", "it has no machine; save it again", { section: "config" });
  }
  const images = part(IMAGES_SECTION, t.readonlyArray(ImageDigest));
  return { machine, position, stateHash, images, bytes: bytes.length, sections: sections.length };
}

/** @throws {StateError} where the bytes are not what `saveState` made, or the state is another machine's. */
export function loadState(bytes: Uint8Array, machine?: ExpectedMachine): MachineState {
  const { sections, stateHash } = decodeSections(bytes);
  const plain = sections.filter(({ name }) => !name.startsWith(RAM_SECTION) && name !== IMAGES_SECTION);
  const parts = decodeParts(plain);
  const { config } = parts;
  if (!MachineConfig.is(config)) throw new StateError("INVALID", "it has no machine", { section: "config" });
  const state = stateFrom(parts, decodeRam(sections, config.memoryBytes / RAM_PAGE_BYTES));
  if (hashOfState(state) !== stateHash) {
    throw new StateError("INVALID", "the sections do not make the state that was saved; save it again");
  }
  if (machine !== undefined) requireMachine(state, machine);
  return state;
}

/** Not of the state: where its machine came from. */
const IMAGES_SECTION = "images";
const RAM_SECTION = "ram";
/** With four bytes for each page's number, as many as a section holds. */
const PAGES_A_SECTION = 63;
const PAGE_NUMBER_BYTES = 4;
const PAGE_ENTRY_BYTES = PAGE_NUMBER_BYTES + RAM_PAGE_BYTES;

function* ramSections(ram: Ram): Generator<Section> {
  const written = Array.from({ length: ram.pageCount }, (_, index) => index).filter(
    (index) => ram.page(index) !== undefined,
  );
  for (let first = 0; first < written.length; first += PAGES_A_SECTION) {
    const pages = written.slice(first, first + PAGES_A_SECTION);
    const raw = new Uint8Array(pages.length * PAGE_ENTRY_BYTES);
    const view = new DataView(raw.buffer);
    pages.forEach((index, place) => {
      view.setUint32(place * PAGE_ENTRY_BYTES, index, true);
      raw.set(ram.page(index)?.bytes ?? [], place * PAGE_ENTRY_BYTES + PAGE_NUMBER_BYTES);
    });
    yield { name: `${RAM_SECTION}${String(first / PAGES_A_SECTION)}`, raw };
  }
}

function decodeRam(sections: readonly Section[], pageCount: number): Ram {
  const digester = new PageDigester();
  const pages = new Map<number, RamPage | undefined>();
  for (const { name, raw } of sections.filter((section) => section.name.startsWith(RAM_SECTION))) {
    const invalid = (what: string): StateError => new StateError("INVALID", what, { section: name });
    if (raw.length % PAGE_ENTRY_BYTES !== 0) throw invalid("it holds a part of a page");
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let at = 0; at < raw.length; at += PAGE_ENTRY_BYTES) {
      const index = view.getUint32(at, true);
      if (index >= pageCount) throw invalid(`page ${String(index)} of ${String(pageCount)}`);
      if (pages.has(index)) throw invalid(`page ${String(index)} is there twice`);
      const bytes = raw.slice(at + PAGE_NUMBER_BYTES, at + PAGE_ENTRY_BYTES);
      const digest = digester.of(bytes, index);
      pages.set(index, digest === 0n ? undefined : { bytes, digest });
    }
  }
  return Ram.zeros(pageCount).with(pages);
}

function decodeParts(sections: readonly Section[]): Parts {
  const missing = Object.keys(PART_CODECS).find((name) => !sections.some((section) => section.name === name));
  if (missing !== undefined) throw new StateError("INCOMPLETE", "it is not there; save it again", { section: missing });
  return Object.fromEntries(sections.map(({ name, raw }) => [name, decodePart(name, raw)]));
}

function decodePart(section: string, raw: Uint8Array): unknown {
  const codec = PART_CODECS[section];
  if (codec === undefined) throw new StateError("UNEXPECTED", "no section has this name", { section });
  return decodedWith(codec, section, raw);
}

function decodedWith<A>(codec: t.Type<A, unknown>, section: string, raw: Uint8Array): A {
  const decoded = codec.decode(plainValue(section, raw));
  if (isLeft(decoded)) {
    const field = decoded.left[0]?.context
      .map(({ key }) => key)
      .filter((key) => key !== "")
      .join(".");
    throw new StateError("INVALID", decoded.left[0]?.message ?? "it does not decode", {
      section,
      ...(field === undefined ? {} : { field }),
    });
  }
  return decoded.right;
}

function plainValue(section: string, raw: Uint8Array): unknown {
  try {
    return canonicalValue(raw);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StateError("INVALID", fault.message, { section });
  }
}

function requireMachine(state: MachineState, machine: ExpectedMachine): void {
  const ours = new Map<string, unknown>(Object.entries(machine.config));
  for (const [field, value] of Object.entries(state.config)) {
    if (isSame(value, ours.get(field))) continue;
    const shown = `it has ${inWords(value)}, the machine ${inWords(ours.get(field))}`;
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

const inWords = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));
