import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { ILLEGAL } from "./groups/illegal.js";

differentialTest(ILLEGAL);

test.run();
