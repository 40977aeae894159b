import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { ATOMICS } from "./groups/atomics.js";

differentialTest(ATOMICS);

test.run();
