import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { FLOATING } from "./groups/floating.js";

differentialTest(FLOATING);

test.run();
