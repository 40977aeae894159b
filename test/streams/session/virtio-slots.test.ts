import { test } from "uvu";
import * as assert from "uvu/assert";

import { OptionError } from "../../../src/options/option-error.js";
import { virtioSlots } from "../../../src/streams/session/virtio-slots.js";

const NIC = { kind: "net", mac: "52:54:00:12:34:56" } as const;

test("given nothing, when placed, then no slot is named", () => {
  assert.equal(virtioSlots([], [], []), { virtio: [], driveSlots: [] });
});

test("given cards and drives, when placed, then cards take the first slots and drives the last, in order", () => {
  const { virtio, driveSlots } = virtioSlots(["rng"], [NIC], [{}, {}]);
  assert.equal(virtio, ["rng", NIC, "none", "none", "none", "none", "none", "none"]);
  assert.equal(driveSlots, [7, 6]);
});

test("given a drive with a slot, when placed, then nobody else gets it", () => {
  const { virtio, driveSlots } = virtioSlots([], [NIC], [{}, { slot: 0 }, { slot: 7 }]);
  assert.equal(virtio[1], NIC);
  assert.equal(driveSlots, [6, 0, 7]);
});

for (const [name, place, message] of [
  [
    "nine devices",
    () =>
      virtioSlots(
        Array.from({ length: 9 }, () => "rng" as const),
        [],
        [],
      ),
    /9 devices: .* 8/,
  ],
  [
    "nine drives",
    () =>
      virtioSlots(
        [],
        [],
        Array.from({ length: 9 }, () => ({})),
      ),
    /9 drives: .* 8/,
  ],
  [
    "a card too many",
    () =>
      virtioSlots(
        Array.from({ length: 8 }, () => "rng" as const),
        [NIC],
        [],
      ),
    /1 network cards/,
  ],
  ["a slot that is taken", () => virtioSlots(["rng"], [], [{ slot: 0 }]), /slot 0: another device is there/],
  ["a slot beyond the last", () => virtioSlots([], [], [{ slot: 8 }]), /slot 8: there are slots 0 to 7/],
  ["a slot that is no number", () => virtioSlots([], [], [{ slot: NaN }]), /slot NaN: there are slots 0 to 7/],
] as const) {
  test(`given ${name}, when placed, then the error says so`, () => {
    assert.throws(place, (error: Error) => error instanceof OptionError && message.test(error.message));
  });
}

test.run();
