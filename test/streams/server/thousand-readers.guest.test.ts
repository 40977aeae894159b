/** A thousand readers of one event stream, some slow, some gone, some back at random: it takes long. */
import { test } from "uvu";

import { freshSeed } from "../../support/seeded-random.js";
import { readByMany } from "../../support/stream-readers.js";

test("given a thousand readers, when they have read, then each has every event once, in order", async () => {
  await readByMany({ count: 1000, events: 1500, seed: freshSeed() });
});

test.run();
