import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { MEMORY } from "./groups/memory.js";

differentialTest(MEMORY);

test.run();
