import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { PAGING } from "./groups/paging.js";

differentialTest(PAGING);

test.run();
