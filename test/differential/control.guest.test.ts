import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { CONTROL } from "./groups/control.js";

differentialTest(CONTROL);

test.run();
