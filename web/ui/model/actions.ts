/** What can happen on the page. */
import type {
  ConsoleAnswer,
  MomentAnswer,
  PageRow,
  RowKind,
  StepKind,
  Summary,
  WhenceRow,
  Where,
} from "../../protocol.js";
import type { Address } from "./address.js";
import type { Answered, Failure, Parting, QueryQuestion, Scheme, Tab, WhenceQuestion } from "./state.js";
import type { Window } from "./scale.js";

export type Action =
  /** What somebody did. */
  | { readonly type: "wentTo"; readonly where: Where; readonly recording?: number; readonly reveal?: boolean }
  /** A byte of the console that is shown. */
  | { readonly type: "wentToPrinted"; readonly offset: number }
  | { readonly type: "stepped"; readonly kind: StepKind; readonly direction: "forward" | "back" }
  | { readonly type: "windowMoved"; readonly window: Window }
  | { readonly type: "axisChosen"; readonly axis: "icount" | "ns" }
  | { readonly type: "tabChosen"; readonly tab: Tab }
  | { readonly type: "hartChosen"; readonly hart: number | undefined }
  | { readonly type: "frameChosen"; readonly frame: number }
  | { readonly type: "memoryChosen"; readonly of: string }
  | { readonly type: "portChosen"; readonly port: string }
  | { readonly type: "againstChosen"; readonly against: "instruction" | "previous" }
  | { readonly type: "laneToggled"; readonly lane: string }
  | { readonly type: "recordingFolded"; readonly recording: number }
  | { readonly type: "rowsKindChosen"; readonly kind: RowKind }
  | { readonly type: "asked"; readonly question: QueryQuestion | WhenceQuestion; readonly title: string }
  | { readonly type: "answerChosen"; readonly id: number }
  | { readonly type: "answerClosed"; readonly id: number }
  | { readonly type: "typed"; readonly bytes: Uint8Array }
  | { readonly type: "followed" }
  | { readonly type: "cancelled" }
  | { readonly type: "helpToggled"; readonly isHelped: boolean }
  | { readonly type: "schemeChosen"; readonly scheme: Scheme }
  | { readonly type: "failureDismissed" }
  | { readonly type: "addressRead"; readonly address: Address }
  /** What the worker said. */
  | { readonly type: "opened"; readonly recordings: readonly Summary[] }
  | { readonly type: "grown"; readonly summary: Summary }
  | { readonly type: "machineEnded"; readonly recording: number }
  | { readonly type: "surveyed"; readonly recording: number; readonly share: number }
  | { readonly type: "momentCame"; readonly moment: MomentAnswer }
  | { readonly type: "momentMissed" }
  | { readonly type: "consoleCame"; readonly console: ConsoleAnswer }
  | { readonly type: "rowsAsked"; readonly kind: RowKind }
  | { readonly type: "rowsCame"; readonly rows: readonly PageRow[]; readonly end?: { readonly hasMore: boolean } }
  | { readonly type: "answerCame"; readonly id: number; readonly rows: readonly (PageRow | WhenceRow)[] }
  | {
      readonly type: "answerEnded";
      readonly id: number;
      readonly status: Answered["status"];
      readonly failure?: string;
    }
  | ({ readonly type: "partingFound" } & Parting)
  | { readonly type: "timelineCame" }
  | { readonly type: "progressed"; readonly progress: { readonly what: string; readonly share: number } | undefined }
  | { readonly type: "failed"; readonly failure: Failure; readonly isFatal?: boolean };
