/** All requests that are answered. */
import { DATA_REQUESTS } from "./data.js";
import { BREAKPOINT_REQUESTS } from "./breakpoints.js";
import { JUMP_REQUESTS } from "./jumps.js";
import { LIFECYCLE_REQUESTS } from "./lifecycle.js";
import { MOMENT_REQUESTS } from "./moments.js";
import type { DapRequests } from "../session.js";
import { RUNNING_REQUESTS } from "./running.js";
import { SOURCE_REQUESTS } from "./sources.js";
import { STACK_REQUESTS } from "./stack.js";

export const REQUESTS: DapRequests = {
  ...LIFECYCLE_REQUESTS,
  ...STACK_REQUESTS,
  ...RUNNING_REQUESTS,
  ...BREAKPOINT_REQUESTS,
  ...MOMENT_REQUESTS,
  ...JUMP_REQUESTS,
  ...SOURCE_REQUESTS,
  ...DATA_REQUESTS,
};
