// One list of accesses on QEMU's virtio device and on ours: each of them must give the same.
import * as assert from "uvu/assert";

import type { Effect } from "../../../src/reducers/effect.js";
import { observeOnQemu } from "../../support/qemu-registers.js";
import { shown, type RegisterAccess } from "../../support/register-access.js";
import { REGISTERS } from "./virtio-driver.js";
import { SLOT, type VirtioGuest } from "./virtio-guest.js";

const NEEDS_RESET = 0x40n;
const CONFIGURATION_CHANGED = 2n;

export interface Walk {
  readonly guest: VirtioGuest;
  readonly accesses: readonly RegisterAccess[];
  /** They add the device, on virtio-mmio-bus.1. */
  readonly qemuArguments: readonly string[];
  /** What the host does about a wish of our device. */
  readonly answer: (effect: Effect) => void;
  /** What QEMU's value is taken for, where it is another for a reason. */
  readonly taken?: (value: bigint, access: RegisterAccess) => bigint;
}

/** Gives what each access gave. */
export const sameAsQemu = ({
  guest,
  accesses,
  qemuArguments,
  answer,
  taken = (value) => value,
}: Walk): readonly bigint[] => {
  const qemu = observeOnQemu(accesses, qemuArguments);
  let isBroken = false;
  return accesses.map((access, index) => {
    const { value } = guest.access(access);
    guest.effects.splice(0).forEach(answer);
    let theirs = taken(qemu[index]?.value ?? -1n, access);
    if (access.address === SLOT + REGISTERS.status && access.value === undefined)
      isBroken = (theirs & NEEDS_RESET) !== 0n;
    // QEMU reports a change of configuration with the used buffers' bit too; the specification has one bit for each.
    if (isBroken && access.address === SLOT + REGISTERS.interruptStatus) theirs &= CONFIGURATION_CHANGED;
    assert.equal(`0x${value.toString(16)}`, `0x${theirs.toString(16)}`, shown(access, index));
    return value;
  });
};
