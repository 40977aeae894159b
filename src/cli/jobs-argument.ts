/** `--jobs`: how many threads. */
import { MAX_WORKERS } from "../streams/session/query-pool/workers.js";
import { UsageError } from "./problems.js";
import { integer } from "./values.js";

/** @throws {UsageError} */
export function jobsOf(given: string | undefined): number {
  if (given === undefined) return 1;
  const jobs = integer("--jobs", given);
  if (jobs >= 1 && jobs <= MAX_WORKERS) return jobs;
  throw new UsageError(`--jobs ${given}: from 1 to ${String(MAX_WORKERS)}`);
}
