import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { COMPRESSED } from "./groups/compressed.js";

differentialTest(COMPRESSED);

test.run();
