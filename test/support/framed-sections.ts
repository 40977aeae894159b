/** The sections of a saved state as a list, and a saved state of any list of them. */
import { bytesSource } from "../../src/streams/store/log/index.js";
import {
  encodeSections,
  findSections,
  listed,
  readSection,
  type Section,
} from "../../src/streams/store/saved-state/sections.js";

export interface Framed {
  readonly stateHash: bigint;
  readonly sections: readonly Section[];
}

export const framed = ({ stateHash, sections }: Framed): Uint8Array =>
  Uint8Array.from(Buffer.concat([...encodeSections(stateHash, listed(sections))]));

export const unframed = (bytes: Uint8Array): Framed => {
  const source = bytesSource(bytes);
  const { stateHash, found } = findSections(source);
  return { stateHash, sections: found.map((section) => readSection(source, section)) };
};
