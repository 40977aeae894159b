/** Places as people name them. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Symbol } from "../../../../src/machine/symbol-table.js";
import type { MachineState } from "../../../../src/machine/state.js";
import { Names } from "../../../../src/streams/past/names/names.js";
import { PlaceError } from "../../../../src/streams/past/names/place-error.js";
import { locateInMemory, MAX_PLACE_BYTES, type Place } from "../../../../src/streams/past/names/place.js";

const symbol = (name: string, address: bigint, sizeBytes = 0n): Symbol => ({
  name,
  address,
  sizeBytes,
  kind: "object",
});
const SYMBOLS = [
  symbol("counter", 0x8000_2000n, 4n),
  symbol("counters", 0x8000_3000n, 64n),
  symbol("twice", 0x8000_4000n, 8n),
  symbol("twice", 0x8000_5000n, 8n),
  symbol("alias", 0x8000_6000n),
  symbol("alias", 0x8000_6000n, 16n),
];

/** None of these places takes a state to find. */
const SCOPE = {
  names: Names.ofSymbols(() => SYMBOLS),
  get at(): MachineState {
    throw new Error("asked for a state");
  },
  isGlobal: true,
};

const parsed = (place: Place): readonly [bigint, number] => {
  const { address, bytes } = locateInMemory(place, SCOPE);
  return [address, bytes];
};

test("given a name, an address or one of them with a width, then the place is that", () => {
  assert.equal(parsed("counter"), [0x8000_2000n, 4]);
  assert.equal(parsed("counters+8"), [0x8000_3008n, 56]);
  assert.equal(parsed("counters+0x10:4"), [0x8000_3010n, 4]);
  assert.equal(parsed("0x80002ed8:4"), [0x8000_2ed8n, 4]);
  assert.equal(parsed("2147483648"), [0x8000_0000n, 8]);
  assert.equal(parsed(0x8000_0000), [0x8000_0000n, 8]);
  assert.equal(parsed({ address: 0x8000_0000n, bytes: 3 }), [0x8000_0000n, 3]);
  assert.equal(parsed("alias"), [0x8000_6000n, 16]);
});

test("given a name that is missing or means several, or what is no place, then the error says so, and what is near", () => {
  const refuses = (place: Place, code: PlaceError["code"], words: RegExp): void => {
    assert.throws(
      () => parsed(place),
      (fault: unknown) => fault instanceof PlaceError && fault.code === code && words.test(fault.message),
    );
  };
  refuses("conuter", "NO_SUCH_NAME", /nearest are counter/);
  refuses("twice", "AMBIGUOUS_NAME", /0x80004000, 0x80005000/);
  for (const place of ["", "counter:0", `counter:${String(MAX_PLACE_BYTES + 1)}`])
    refuses(place, "NOT_A_PLACE", /is no place/);
  for (const place of ["a b", "counter:x", "counter+"]) refuses(place, "INVALID_EXPRESSION", /./);
  refuses("$a0", "NOT_A_PLACE", /a register/);
  assert.equal(parsed(`counter:${String(MAX_PLACE_BYTES)}`)[1], MAX_PLACE_BYTES);
  refuses({ address: -1n }, "NOT_A_PLACE", /is no place/);
});

test.run();
