import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { LOCKED_PROTECTION, PROTECTION } from "./groups/protection.js";

differentialTest(PROTECTION);
differentialTest(LOCKED_PROTECTION);

test.run();
