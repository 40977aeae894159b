/** Several who may make a source wait, as one. */
import { merge } from "rxjs";

import type { Demand } from "./pulled.js";

/** Of all of them. The machine asks before each event, and most have none or one. */
export const jointDemand = (demands: readonly Demand[]): Demand | undefined =>
  demands.length < 2
    ? demands[0]
    : {
        get isMet() {
          return demands.some(({ isMet }) => isMet);
        },
        changed$: merge(...demands.map(({ changed$ }) => changed$)),
      };
