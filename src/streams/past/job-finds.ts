/** What a job of a pool finds, whoever does it. */
import { CHAOS_FUTURES, chaosFutures, type ChaosFutures } from "./branch/chaos-futures.js";
import { findsFrom, listenerOf, type FindsOptions, type Job } from "./query/index.js";

/** `from` is `job.from`, or a state that is equal to it. */
export const jobFinds = (
  { recording, question, from, until }: Job,
  options?: FindsOptions,
): Generator<readonly unknown[], void> =>
  question.kind === CHAOS_FUTURES
    ? chaosFutures(recording, question.about as ChaosFutures, from)
    : findsFrom(recording, listenerOf(question), from, until, options);
