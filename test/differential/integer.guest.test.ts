import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { INTEGER } from "./groups/integer.js";

differentialTest(INTEGER);

test.run();
