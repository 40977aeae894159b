/** All that the page knows, as one value. What is drawn follows from it. */
import type {
  Axis,
  ConsoleAnswer,
  MomentAnswer,
  PageInstant,
  PagePosition,
  PageRow,
  QueryKind,
  RowKind,
  Summary,
  WhenceRow,
  Where,
} from "../../protocol.js";
import type { Window } from "./scale.js";

export const TABS = ["registers", "variables", "memory", "devices", "changed", "rows", "machine"] as const;
export type Tab = (typeof TABS)[number];

export const SCHEMES = ["system", "light", "dark"] as const;
export type Scheme = (typeof SCHEMES)[number];

/** Lanes whose rows take a replay of the window: they are computed where somebody opens them. */
export const COMPUTED = ["interrupts", "syscalls", "tasks", "devices"] as const satisfies readonly RowKind[];
export type ComputedKind = (typeof COMPUTED)[number];

export interface Failure {
  readonly what: string;
  /** What to do. */
  readonly remedy: string;
}

export interface QueryQuestion {
  readonly kind: QueryKind;
  readonly of: string;
  /** Up to there, and the last ones; undefined: all of the run, from its beginning. */
  readonly until: PagePosition | undefined;
}

export interface WhenceQuestion {
  readonly kind: "whence";
  readonly of: string;
  readonly where: PagePosition;
}

export interface Answered {
  readonly id: number;
  readonly recording: number;
  readonly question: QueryQuestion | WhenceQuestion;
  readonly title: string;
  readonly rows: readonly (PageRow | WhenceRow)[];
  readonly status: "running" | "done" | "more" | "failed";
  readonly failure: string | undefined;
}

export interface RowsInView {
  readonly kind: RowKind;
  readonly rows: readonly PageRow[];
  readonly hasMore: boolean;
  readonly isRunning: boolean;
}

/** Where `b` is no longer as `a` is. */
export interface Parting {
  readonly a: number;
  readonly b: number;
  readonly at: PageInstant;
}

export interface State {
  readonly phase: "opening" | "ready" | "failed";
  readonly recordings: readonly Summary[];
  /** How far each is surveyed, 0 to 1. */
  readonly surveyed: readonly number[];
  readonly active: number;
  readonly axis: Axis;
  readonly window: Window;
  /** Where somebody wants to be. The moment of it may be on its way. */
  readonly asked: Where | undefined;
  readonly isLooking: boolean;
  readonly moment: MomentAnswer | undefined;
  /** What was looked at before that: what changed is seen against it, where `against` says so. */
  readonly previous: PagePosition | undefined;
  readonly against: "instruction" | "previous";
  readonly hart: number | undefined;
  readonly frame: number;
  readonly tab: Tab;
  readonly memory: string;
  readonly console: ConsoleAnswer | undefined;
  readonly port: string | undefined;
  readonly open: ReadonlySet<string>;
  readonly folded: ReadonlySet<number>;
  readonly answers: readonly Answered[];
  /** The one that is looked at. */
  readonly answer: number | undefined;
  /** The number that the last question got. */
  readonly lastAnswer: number;
  readonly rowsKind: RowKind;
  readonly rowsInView: RowsInView | undefined;
  readonly partings: readonly Parting[];
  /** At the end of a machine that runs, and going on with it. */
  readonly isFollowing: boolean;
  /** Counts what the timeline has been given. */
  readonly drawn: number;
  readonly progress: { readonly what: string; readonly share: number } | undefined;
  readonly failure: Failure | undefined;
  readonly isHelped: boolean;
  readonly scheme: Scheme;
}

export const INITIAL: State = {
  phase: "opening",
  recordings: [],
  surveyed: [],
  active: 0,
  axis: "icount",
  window: { from: 0, until: 1 },
  asked: undefined,
  isLooking: false,
  moment: undefined,
  previous: undefined,
  against: "instruction",
  hart: undefined,
  frame: 0,
  tab: "registers",
  memory: "",
  console: undefined,
  port: undefined,
  open: new Set(),
  folded: new Set(),
  answers: [],
  answer: undefined,
  lastAnswer: 0,
  rowsKind: "events",
  rowsInView: undefined,
  partings: [],
  isFollowing: false,
  drawn: 0,
  progress: undefined,
  failure: undefined,
  isHelped: false,
  scheme: "system",
};

/** Of the recordings that are open, the longest one's: they share one axis. */
export const lengthOf = ({ recordings, axis }: Pick<State, "recordings" | "axis">): number =>
  Math.max(1, ...recordings.map(({ end }) => end[axis]));

export const activeOf = ({ recordings, active }: State): Summary | undefined => recordings[active];

/** Where the panes are; before the recording's first moment came, nowhere. */
export const cursorOf = ({ moment, active }: Pick<State, "moment" | "active">): PagePosition | undefined =>
  moment?.recording === active ? { seq: moment.seq, icount: moment.icount } : undefined;

export const isQueryRow = (row: PageRow | WhenceRow): row is PageRow => "kind" in row;
