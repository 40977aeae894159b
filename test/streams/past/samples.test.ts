import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_PLACES, Samples } from "../../../src/streams/past/samples.js";

test("given samples at as many places as are kept, when one is elsewhere, then it is only counted; the others go on", () => {
  const samples = new Samples(2);
  const at = (place: number): void => {
    samples.take(1, 3n, BigInt(4 * place), place);
  };
  for (let place = 0; place < MAX_PLACES; place += 1) at(place);
  assert.is(samples.elsewhere, 0);
  at(MAX_PLACES);
  at(0);
  assert.equal([samples.count, samples.elsewhere, samples.spots.length], [MAX_PLACES + 2, 1, MAX_PLACES]);
  assert.equal(samples.spots[0], { privilege: "M", address: 0n, raw: 0, samples: 2, byHart: [0, 2] });
});

test("given one address with other code, or at another privilege, then it is another place", () => {
  const samples = new Samples(2);
  samples.take(0, 0n, 8n, 1);
  samples.take(0, 0n, 8n, 2);
  samples.take(0, 1n, 8n, 1);
  samples.take(0, 0n, 8n, undefined);
  assert.equal(
    samples.spots.map(({ privilege, raw }) => `${privilege} ${String(raw)}`),
    ["U 1", "U 2", "S 1", "U undefined"],
  );
});

test.run();
