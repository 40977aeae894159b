/** What all runs of a hunt begin from. Each process opens it for itself, and it must be the same in all of them. */
import { ImageError } from "../../host/images.js";
import type { ImageDigest } from "../../store/log/index.js";
import { openMachine, type OpenedMachine } from "../machine-options.js";
import { openSavedMachine } from "../saved-machine.js";
import type { HuntOptions } from "./hunt-options.js";

type Hunted = Pick<HuntOptions, "machine" | "from">;

export interface Beginning {
  readonly images: readonly ImageDigest[];
  /** Of the saved state; undefined: the machine begins at reset, which follows from its images and options. */
  readonly stateHash: bigint | undefined;
}

/** Throws what opening a machine does. */
export const openHunted = ({ machine, from }: Hunted): OpenedMachine =>
  from === undefined ? openMachine(machine) : openSavedMachine(from, { machine });

export const beginningOf = ({ header, machine }: OpenedMachine, { from }: Hunted): Beginning => ({
  images: header.images,
  stateHash: from === undefined ? undefined : machine.hash(),
});

/** Throws what opening a machine does, and ImageError IMAGE_DIFFERS where a file was replaced since. */
export function openAgain(hunted: Hunted, expected: Beginning): OpenedMachine {
  const opened = openHunted(hunted);
  try {
    requireSame(beginningOf(opened, hunted), expected, hunted);
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

function requireSame(actual: Beginning, expected: Beginning, { from = "" }: Hunted): void {
  // The same options have the same images, in the same order; a saved state may have got others.
  for (const [index, { role, path, sha256 }] of expected.images.entries()) {
    const found = actual.images[index];
    if (found?.role === role && found.sha256 === sha256) continue;
    const differs = `its sha256 was ${sha256}, and is ${found?.sha256 ?? "that of no image"}`;
    throw replaced(`${path} is no longer the ${role} that the hunt began with: ${differs}`);
  }
  if (actual.images.length === expected.images.length && actual.stateHash === expected.stateHash) return;
  throw replaced(`${from} is no longer the state that the hunt began with`);
}

const replaced = (what: string): ImageError =>
  new ImageError("IMAGE_DIFFERS", `${what}; hunt again, and leave the files alone meanwhile`);
