/** Parts of what lies in memory, in a register, in pieces, or nowhere. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { memberPlace, operandAt, placeBytes } from "../../../../src/streams/past/names/expression/at-place.js";
import type { PlaceOf } from "../../../../src/streams/past/names/expression/index.js";
import type { FrameReader, Location } from "../../../../src/streams/past/names/name-source.js";
import { memberOf } from "../../../../src/streams/past/names/type-layout.js";
import type { StructureType, Type } from "../../../../src/streams/past/names/type.js";
import { valueOfBytes } from "../../../../src/streams/past/names/value.js";

const integer = (bytes: number): Type => ({ kind: "integer", name: "", bytes, isSigned: true });

const structure = (bytes: number, ...members: readonly [string, number, Type][]): StructureType => ({
  kind: "structure",
  name: "",
  bytes,
  members: () =>
    members.map(([name, at, type]) => ({ name, offsetBits: 8 * at, widthBits: undefined, type: () => type })),
});

const point = structure(4, ["x", 0, integer(2)], ["y", 2, integer(2)]);
const shape = structure(16, ["id", 0, integer(4)], ["corner", 4, point], ["weight", 8, integer(8)]);

/** a0 and a1, and the same bytes in memory at 0x100. */
const A0 = 0xfffe_0005_0000_0007n;
const A1 = 9n;
const FRAME: FrameReader = {
  pc: 0n,
  register: (register) => (register === 10 ? A0 : register === 11 ? A1 : undefined),
  canonicalFrameAddress: () => undefined,
  read: (address, bytes) => {
    const view = new DataView(new ArrayBuffer(16));
    view.setBigUint64(0, A0, true);
    view.setBigUint64(8, A1, true);
    const at = Number(address - 0x100n);
    return at >= 0 && at + bytes <= 16 ? new Uint8Array(view.buffer, at, bytes) : undefined;
  },
};

const inPieces = (second: Location | undefined): Location => ({
  kind: "pieces",
  pieces: [
    { bytes: 8, at: { kind: "register", register: 10 } },
    { bytes: 8, at: second },
  ],
});

/** Of a path of members, from a place on. */
function read(location: Location, ...path: readonly string[]): unknown {
  let type: Type = shape;
  let place: PlaceOf = { location };
  for (const name of path) {
    const found = memberOf(type as StructureType, name);
    assert.ok(found, name);
    place = memberPlace(place, found);
    type = found.member.type();
  }
  const bytes = placeBytes(type, place, FRAME);
  const value = bytes && valueOfBytes({ type, bits: place.bits }, bytes);
  if (typeof value === "bigint") {
    assert.is(operandAt(type, place, FRAME).read(), BigInt.asUintN(64, value));
  }
  return value;
}

const PLACES: Readonly<Record<string, Location>> = {
  memory: { kind: "memory", address: 0x100n },
  pieces: inPieces({ kind: "register", register: 11 }),
  "pieces with a part in memory": inPieces({ kind: "memory", address: 0x108n }),
  "a value": { kind: "value", value: (A1 << 64n) | A0 },
};

for (const [where, location] of Object.entries(PLACES)) {
  test(`given a structure in ${where}, when its parts are read, then they are its members', however deep`, () => {
    assert.is(read(location, "id"), 7n);
    assert.equal(read(location, "corner"), { x: 5n, y: -2n });
    assert.is(read(location, "corner", "x"), 5n);
    assert.is(read(location, "corner", "y"), -2n);
    assert.is(read(location, "weight"), 9n);
  });
}

test("given a structure of which a piece is lost, then the members in the other one are there", () => {
  const location = inPieces(undefined);
  assert.is(read(location, "corner", "y"), -2n);
  assert.is(read(location, "weight"), undefined);
});

test("given a small structure in one register, then a member of a member has its bits of it", () => {
  const location: Location = { kind: "register", register: 10 };
  assert.is(read(location, "corner", "y"), -2n);
  assert.equal(read(location, "corner"), { x: 5n, y: -2n });
});

test.run();
