/** All that can be asked of the server. */
import type { Route } from "../route.js";
import { printed } from "./console.js";
import { docs, openApi } from "./description.js";
import { events } from "./events.js";
import { file, images } from "./files.js";
import { live, liveEvents } from "./live.js";
import { memory } from "./memory.js";
import { disk, index, page, pageScripts, pageRecordings, sourceTexts, symbols } from "./page.js";
import { query } from "./query.js";
import { recording, recordings } from "./recordings.js";
import { states } from "./states.js";

export const ROUTES: readonly Route[] = [
  recordings,
  recording,
  events,
  query,
  states,
  memory,
  printed,
  file,
  images,
  disk,
  index,
  symbols,
  sourceTexts,
  page,
  pageRecordings,
  ...pageScripts,
  openApi,
  docs,
];

/** Where a machine runs, too. */
export const LIVE_ROUTES: readonly Route[] = [...ROUTES, live, liveEvents];
