import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { TRAPS } from "./groups/traps.js";

differentialTest(TRAPS);

test.run();
