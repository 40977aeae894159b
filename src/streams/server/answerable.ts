/** What can't be asked is refused before anything is sent. */
import { paced } from "../past/paced.js";
import type { Query } from "../past/query/index.js";
import type { Watch } from "./watch.js";

/** Fails as the answers would begin: with names that are not there. */
export async function requireAnswerable(queries: Iterable<Query<unknown>>, watch: Watch): Promise<void> {
  for (const query of queries) await paced(watch.steps(query.ready()));
}
