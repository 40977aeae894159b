/** Everything of a state but its pages, and what it has in common with the state that the recording begins with. */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { canonicalBytes } from "../../../machine/canonical.js";
import { canonicalValue } from "../../../machine/canonical-value.js";
import type { DiskState } from "../../../machine/disk/disk-state.js";
import type { MachineState } from "../../../machine/state.js";
import { Count } from "../../../reducers/scalars.js";
import { PART_CODECS, partsOf, stateFrom } from "../saved-state/state-codecs.js";

/** Those of the machine. */
const COMMON = ["config", "rom"] as const;

export function encodeParts(state: MachineState): Uint8Array {
  const own = Object.entries(partsOf(state)).filter(([name]) => !isCommon(name));
  return canonicalBytes({
    ...Object.fromEntries(own),
    [REQUESTS]: state.disks.map(({ nextRequest }) => nextRequest),
  });
}

/** `start` brings the machine, `pages` what RAM and disks hold. Undefined: they are no parts of a state. */
export function decodeParts(
  bytes: Uint8Array,
  start: MachineState,
  { ram, overlays }: { readonly ram: MachineState["ram"]; readonly overlays: readonly DiskState["overlay"][] },
): MachineState | undefined {
  const plain = canonicalValue(bytes) as Readonly<Record<string, unknown>>;
  const parts: Record<string, unknown> = { ...partsOf(start) };
  for (const [name, codec] of Object.entries(PART_CODECS)) {
    if (isCommon(name)) continue;
    const decoded = codec.decode(plain[name]);
    if (isLeft(decoded)) return undefined;
    parts[name] = decoded.right as unknown;
  }
  const requests = plain[REQUESTS];
  if (!Requests.is(requests) || requests.length !== overlays.length) return undefined;
  const disks = start.disks.map((disk, index) => ({
    slot: disk.slot,
    nextRequest: requests[index] ?? disk.nextRequest,
    overlay: overlays[index] ?? disk.overlay,
  }));
  return stateFrom(parts, disks, ram);
}

/** Of disks, in the order of slots: a name that no part has. */
const REQUESTS = "disks.nextRequest";
const Requests = t.readonlyArray(Count);

const isCommon = (name: string): boolean => COMMON.some((common) => common === name);
