/** What a pool and its threads tell each other: plain data, a job and its reply. */
import type { HandedState } from "../../store/handed-state.js";
import type { Question } from "../../past/query/index.js";
import type { Until } from "../../past/until.js";
import type { Reopening } from "../open-recording.js";

export type ThreadJob =
  /** What comes next is of this recording. */
  | { readonly kind: "open"; readonly recording: Reopening }
  /** What was under way is left. */
  | {
      readonly kind: "begin";
      readonly question: Question;
      readonly from: HandedState;
      readonly until: Until | undefined;
    }
  | { readonly kind: "goOn" };

export type ThreadReply =
  | { readonly kind: "ready" }
  | { readonly kind: "found"; readonly finds: readonly unknown[]; readonly isDone: boolean }
  | { readonly kind: "failed"; readonly message: string };

export const THREAD_COMMAND = "query-worker";
