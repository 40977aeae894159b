import { test } from "uvu";
import { differentialTest } from "./differential.js";
import { CSR_ACCESSES } from "./groups/csrs.js";

differentialTest(CSR_ACCESSES);

test.run();
