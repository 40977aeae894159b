import { test } from "uvu";
import * as assert from "uvu/assert";

import { inLanes } from "../../scripts/testing/lanes.js";

test("given two lanes, when one is held up by its item, then the other takes the rest, in order", async () => {
  const begun: string[] = [];
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  await inLanes(["long", "a", "b", "c"], 2, async (item, lane) => {
    begun.push(`${item} in ${String(lane)}`);
    await (item === "long" ? held : Promise.resolve());
    if (item === "c") goOn();
  });
  assert.equal(begun, ["long in 0", "a in 1", "b in 1", "c in 1"]);
});

test.run();
