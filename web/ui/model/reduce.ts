/** What an action makes of the state. Pure: whoever asks the worker does so in `effects.ts`. */
import type { Axis, PagePosition, Summary } from "../../protocol.js";
import type { Action } from "./actions.js";
import type { Address } from "./address.js";
import { activeOf, cursorOf, lengthOf, TABS, type Answered, type State } from "./state.js";
import { showing, spanOf, within, type Window } from "./scale.js";

/** The oldest go. */
const MAX_ANSWERS = 12;

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "wentTo":
      return wentTo(state, action);
    case "stepped":
      return { ...goingOn(state), isLooking: true, isFollowing: false };
    case "windowMoved":
      return { ...state, window: within(action.window, lengthOf(state)) };
    case "axisChosen":
      return { ...state, axis: action.axis, window: onAxis(state, action.axis) };
    case "tabChosen":
      return { ...state, tab: action.tab };
    case "hartChosen":
      return { ...state, hart: action.hart, frame: 0 };
    case "frameChosen":
      return { ...state, frame: action.frame };
    case "memoryChosen":
      return { ...state, memory: action.of, tab: "memory" };
    case "portChosen":
      return { ...state, port: action.port };
    case "againstChosen":
      return { ...state, against: action.against };
    case "laneToggled":
      return { ...state, open: toggled(state.open, action.lane) };
    case "recordingFolded":
      return { ...state, folded: toggled(state.folded, action.recording) };
    case "rowsKindChosen":
      return { ...state, rowsKind: action.kind, rowsInView: undefined };
    case "followed":
      return { ...goingOn(state), ...atTheEnd(state), isFollowing: true, isLooking: true };
    case "helpToggled":
      return { ...state, isHelped: action.isHelped };
    case "schemeChosen":
      return { ...state, scheme: action.scheme };
    case "failureDismissed":
      return { ...state, failure: undefined };
    case "addressRead":
      return addressed(state, action.address);
    case "cancelled":
      return goingOn(state);
    case "wentToPrinted":
    case "typed":
      return state;
    default:
      return heard(state, action);
  }
}

type Heard = Exclude<
  Action,
  {
    readonly type:
      | "wentTo"
      | "wentToPrinted"
      | "stepped"
      | "windowMoved"
      | "axisChosen"
      | "tabChosen"
      | "hartChosen"
      | "frameChosen"
      | "memoryChosen"
      | "portChosen"
      | "againstChosen"
      | "laneToggled"
      | "recordingFolded"
      | "rowsKindChosen"
      | "followed"
      | "helpToggled"
      | "schemeChosen"
      | "failureDismissed"
      | "addressRead"
      | "typed"
      | "cancelled";
  }
>;

/** What the worker said, and what was asked of it. */
function heard(state: State, action: Heard): State {
  switch (action.type) {
    case "opened":
      return opened(state, action.recordings);
    case "grown":
      return grown(state, action.summary);
    case "machineEnded":
      return machineEnded(state, action.recording);
    case "surveyed":
      return { ...state, surveyed: state.surveyed.with(action.recording, action.share), drawn: state.drawn + 1 };
    case "momentCame":
      return arrived(state, action.moment);
    case "momentMissed":
      // Who did not get there is where he was.
      return { ...state, isLooking: false, asked: cursorOf(state) ?? state.asked };
    case "consoleCame":
      return { ...state, console: action.console, port: action.console.port };
    case "rowsAsked":
      return { ...state, rowsInView: { kind: action.kind, rows: [], hasMore: false, isRunning: true } };
    case "rowsCame":
      return rowsCame(state, action);
    case "asked":
    case "answerChosen":
    case "answerClosed":
    case "answerCame":
    case "answerEnded":
      return { ...state, ...answered(state, action), drawn: state.drawn + 1 };
    case "partingFound":
      return { ...state, partings: [...state.partings, action], drawn: state.drawn + 1 };
    case "timelineCame":
      return { ...state, drawn: state.drawn + 1 };
    case "progressed":
      return { ...state, progress: action.progress };
    case "failed":
      return { ...state, failure: action.failure, phase: action.isFatal === true ? "failed" : state.phase };
  }
}

/** As near as before, and around the same moment: only that is known on both. */
function onAxis(state: State, axis: Axis): Window {
  const { moment, window } = state;
  const [length, was] = [lengthOf({ ...state, axis }), lengthOf(state)];
  const isWhole = spanOf(window) >= was;
  if (isWhole || moment === undefined) return { from: 0, until: length };
  const span = (spanOf(window) / was) * length;
  return within({ from: moment[axis] - span / 2, until: moment[axis] + span / 2 }, length);
}

function wentTo(state: State, { where, recording = state.active, reveal = true }: Action & { type: "wentTo" }): State {
  const isHere = recording === state.active;
  const length = lengthOf(state);
  const at = state.axis in where ? (where as unknown as Record<string, number>)[state.axis] : undefined;
  return {
    ...goingOn(state),
    active: recording,
    asked: where,
    isLooking: true,
    isFollowing: false,
    hart: isHere ? state.hart : undefined,
    port: isHere ? state.port : undefined,
    previous: isHere ? state.previous : undefined,
    frame: 0,
    window: reveal && at !== undefined ? showing(state.window, at, length) : state.window,
  };
}

function arrived(state: State, moment: NonNullable<State["moment"]>): State {
  const before = cursorOf(state);
  const isElsewhere = before !== undefined && (before.icount !== moment.icount || before.seq !== moment.seq);
  return {
    ...state,
    moment,
    isLooking: false,
    previous: isElsewhere ? before : state.previous,
    window: showing(state.window, moment[state.axis], lengthOf(state)),
  };
}

function opened(state: State, recordings: readonly Summary[]): State {
  const window = { from: 0, until: lengthOf({ ...state, recordings }) };
  const surveyed = recordings.map(() => 0);
  const isFollowing = recordings[state.active]?.isLive === true;
  return { ...state, phase: "ready", recordings, surveyed, window, isFollowing };
}

/** Who looks at the whole run goes on to do so. */
function grown(state: State, summary: Summary): State {
  const length = lengthOf(state);
  const recordings = state.recordings.with(summary.recording, summary);
  const isWhole = state.window.from === 0 && state.window.until >= length;
  const window = isWhole ? { from: 0, until: lengthOf({ ...state, recordings }) } : state.window;
  const after = { ...state, recordings, window, drawn: state.drawn + 1 };
  const isFollowed = state.isFollowing && summary.recording === state.active;
  return isFollowed ? { ...after, ...atTheEnd(after), isLooking: true } : after;
}

/** It is looked at on, as any other recording. */
function machineEnded(state: State, recording: number): State {
  const recordings = state.recordings.map((one) => (one.recording === recording ? { ...one, isLive: false } : one));
  return { ...state, recordings, isFollowing: state.isFollowing && recording !== state.active };
}

const atTheEnd = (state: State): Pick<State, "asked"> => {
  const summary = activeOf(state);
  return { asked: summary && { seq: summary.end.seq, icount: summary.end.icount } };
};

/** What went wrong before is no matter any more. Where nothing was opened, it is all that there is. */
const goingOn = (state: State): State => (state.phase === "failed" ? state : { ...state, failure: undefined });

function rowsCame(state: State, { rows, end }: Action & { type: "rowsCame" }): State {
  const { rowsInView } = state;
  if (rowsInView === undefined) return state;
  const all = [...rowsInView.rows, ...rows];
  return {
    ...state,
    rowsInView: { ...rowsInView, rows: all, isRunning: end === undefined, hasMore: end?.hasMore ?? false },
  };
}

type OfAnswers = Extract<
  Action,
  { readonly type: "asked" | "answerChosen" | "answerClosed" | "answerCame" | "answerEnded" }
>;

function answered(state: State, action: OfAnswers): Partial<State> {
  const { answers, answer } = state;
  switch (action.type) {
    case "asked": {
      const { question, title } = action;
      const id = state.lastAnswer + 1;
      const fresh: Answered = {
        ...{ id, question, title, recording: state.active },
        ...{ rows: [], status: "running", failure: undefined },
      };
      return { answers: [...answers, fresh].slice(-MAX_ANSWERS), answer: id, lastAnswer: id };
    }
    case "answerChosen":
      return { answer: action.id };
    case "answerClosed": {
      const left = answers.filter(({ id }) => id !== action.id);
      return { answers: left, answer: answer === action.id ? left.at(-1)?.id : answer };
    }
    case "answerCame":
      return { answers: changed(answers, action.id, (one) => ({ ...one, rows: [...one.rows, ...action.rows] })) };
    case "answerEnded": {
      const { id, status, failure } = action;
      return { answers: changed(answers, id, (one) => ({ ...one, status, failure })) };
    }
  }
}

const changed = (answers: readonly Answered[], id: number, change: (one: Answered) => Answered): readonly Answered[] =>
  answers.map((one) => (one.id === id ? change(one) : one));

function addressed(state: State, address: Address): State {
  const active = Math.min(address.recording, Math.max(0, state.recordings.length - 1));
  const { axis } = address;
  const length = lengthOf({ ...state, axis });
  return {
    ...goingOn(state),
    ...misread(state, address),
    active,
    axis,
    previous: active === state.active ? state.previous : undefined,
    asked: address.at ?? firstPlaceOf(state.recordings[active]),
    isLooking: true,
    isFollowing: address.at === undefined && state.recordings[active]?.isLive === true,
    window: within(address.window ?? { from: 0, until: length }, length),
    hart: (address.hart ?? 0) < (state.recordings[active]?.harts ?? 1) ? address.hart : undefined,
    frame: address.frame,
    tab: TABS.find((tab) => tab === address.tab) ?? "registers",
    memory: address.memory ?? "",
    port: active === state.active ? state.port : undefined,
  };
}

/** A link that was cut off, or is of other recordings, says so. */
function misread({ recordings }: State, { unknown, recording, hart }: Address): Partial<State> {
  const words = [...unknown];
  if (recording >= recordings.length) words.push(`recording=${String(recording + 1)}`);
  const harts = recordings[Math.min(recording, recordings.length - 1)]?.harts ?? 1;
  if (hart !== undefined && hart >= harts) words.push(`hart=${String(hart)}`);
  if (words.length === 0 || recordings.length === 0) return {};
  return {
    failure: {
      what: `The link says ${words.join(", ")}, which is nothing on this page.`,
      remedy: "The rest of it was followed. Take the link anew from where it came, or go on from here.",
    },
  };
}

/** Where it ends there is most to see, but nobody waits for a replay of all of it before he sees anything. */
export function firstPlaceOf(summary: Summary | undefined): PagePosition | undefined {
  if (summary === undefined) return undefined;
  const { seq, icount } = summary.isEndNear ? summary.end : summary.start;
  return { seq, icount };
}

function toggled<Member>(set: ReadonlySet<Member>, member: Member): ReadonlySet<Member> {
  const other = new Set(set);
  if (!other.delete(member)) other.add(member);
  return other;
}
