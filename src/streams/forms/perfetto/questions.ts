/** What a trace is made of: one question that one replay answers. */
import { calls, output, switches, syscalls, together, TRAP_NAMES, traps } from "../../past/query/index.js";
import type { AskedOptions, Query, RowTogether } from "../../past/query/index.js";
import type { Recording } from "../../past/recording.js";
import { askedOfHost } from "./asked-of-host.js";

export interface PerfettoQuestions extends AskedOptions {
  /** Functions whose calls are slices too, by name or by a pattern. */
  readonly calls?: string | RegExp | readonly string[] | undefined;
}

/** For `rows`: `rows(recording, { questions: { perfetto: perfettoQuestion(recording) } })`. @throws {OptionError} */
export function perfettoQuestion(
  recording: Recording,
  { calls: of, ...range }: PerfettoQuestions = {},
): Query<RowTogether> {
  return together({
    switches: switches(recording, { needsLinux: false, ...range }),
    syscalls: syscalls(recording, { results: true, ...range }),
    traps: traps(recording, { of: TRAPS, results: true, ...range }),
    requests: askedOfHost(recording, range),
    output: output(recording, range),
    ...(of !== undefined && { calls: calls(recording, { of, results: true, ...range }) }),
  });
}

/** But for the ecalls of programs, which are system calls. */
const TRAPS = TRAP_NAMES.filter((name) => name !== "ecallFromU");
