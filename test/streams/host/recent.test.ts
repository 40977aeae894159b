import { test } from "uvu";
import * as assert from "uvu/assert";

import { Recent } from "../../../src/streams/host/recent.js";

test("given as many values as are kept, when there is one more, then the longest unused is dropped", () => {
  const recent = new Recent<string>(3);
  for (const key of [1, 2, 3]) recent.set(key, `value ${String(key)}`);
  assert.is(recent.get(1), "value 1");
  recent.set(4, "value 4");
  assert.equal(
    [1, 2, 3, 4].map((key) => recent.has(key)),
    [true, false, true, true],
  );
});

test("given a value that is kept, when it is set anew, then nothing is dropped for it", () => {
  const recent = new Recent<string>(2);
  for (const key of [1, 2, 2]) recent.set(key, "value");
  assert.ok(recent.has(1));
});

test.run();
