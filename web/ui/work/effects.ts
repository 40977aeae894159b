/** What actions make the page ask of its worker, and what becomes of the answers. */
import type { PageInstant, Progress, Source, Where } from "../../protocol.js";
import type { Action } from "../model/actions.js";
import { firstPlaceOf } from "../model/reduce.js";
import type { Asker } from "./asker.js";
import { failureOf } from "./failures.js";
import { activeOf, cursorOf, type State } from "../model/state.js";
import type { Store } from "../model/store.js";

/** Bytes of a console that are shown; what was printed before them is left out. */
const CONSOLE_BYTES = 1 << 18;
const MEMORY_BYTES = 256;
const MAX_ANSWER_ROWS = 1000;
const MAX_WHENCE_ROWS = 200;
/** More than these are dropped. */
const MAX_WAITING_STEPS = 3;

type PageStore = Store<State, Action>;

export function connectEffects(store: PageStore, asker: Asker): void {
  const steps = stepsOf(store, asker);
  store.listen((action, state, before) => {
    switch (action.type) {
      case "wentTo":
      case "addressRead":
      case "hartChosen":
      case "frameChosen":
      case "memoryChosen":
      case "againstChosen":
        look(store, asker, lookedAt(action, state));
        break;
      case "wentToPrinted":
        trying(store, toPrinted(store, asker, action.offset));
        break;
      case "portChosen":
        lookAtConsole(store, asker, cursorOf(state));
        break;
      case "stepped":
        steps(action);
        break;
      case "asked":
        trying(store, answer(store, asker, state.lastAnswer));
        // Those that had to go are not computed on.
        for (const { id } of before.answers)
          if (!state.answers.some((one) => one.id === id)) asker.end(`answer ${String(id)}`);
        break;
      case "answerClosed":
        asker.end(`answer ${String(action.id)}`);
        break;
      case "grown":
        // A machine may grow faster than it is looked at: one look ends before the next one.
        if (state.isFollowing && !before.isLooking) look(store, asker, activeOf(state)?.end);
        break;
      case "followed":
        look(store, asker, activeOf(state)?.end);
        break;
      case "surveyed":
        if (action.recording === state.active) lookAgain(store, asker, action.share);
        break;
      case "typed":
        trying(store, asker.ask("type", "type", { recording: state.active, bytes: action.bytes }));
        break;
      case "cancelled":
        asker.end();
        store.dispatch({ type: "momentMissed" });
        store.dispatch({ type: "progressed", progress: undefined });
        break;
      default:
    }
  });
}

/** Opens them, and has their survey done and where they part sought. */
export async function open(store: PageStore, asker: Asker, sources: readonly Source[]): Promise<void> {
  const recordings = await asker.ask("idle open", "open", { sources });
  if (recordings === undefined) return;
  store.dispatch({ type: "opened", recordings });
  for (const { recording, isLive } of recordings) {
    void survey(store, asker, recording);
    if (isLive) void follow(store, asker, recording);
  }
}

/** Until the machine is over, or is not there any more. */
async function follow(store: PageStore, asker: Asker, recording: number): Promise<void> {
  try {
    await asker.ask(`idle follow ${String(recording)}`, "follow", { recording }, { part: grown(store) });
    store.dispatch({ type: "machineEnded", recording });
  } catch (error) {
    store.dispatch({ type: "machineEnded", recording });
    const { what } = failureOf(error);
    const remedy =
      "What is here until then can be looked at. For another machine: foldvm serve --live, and load the page again.";
    store.dispatch({ type: "failed", failure: { what: `The machine is no longer there: ${what}.`, remedy } });
  }
}

/** After the first moment is there: it is what somebody waits for. */
export async function findPartings(store: PageStore, asker: Asker): Promise<void> {
  for (const { recording: b, parent } of store.state.recordings.slice(1)) {
    const a = parent?.recording ?? 0;
    if (a === b) continue;
    // Two that have nothing in common part nowhere: that is no fault.
    const at = await partingOf(asker, a, b).catch(() => undefined);
    if (at !== undefined) store.dispatch({ type: "partingFound", a, b, at });
  }
}

async function partingOf(asker: Asker, a: number, b: number): Promise<PageInstant | undefined> {
  const diff = await asker.ask(`idle diff ${String(b)}`, "diff", { a, b });
  const where = diff?.parting?.b ?? diff?.event?.b;
  if (where === undefined || where === null) return undefined;
  return asker.ask(`idle parting ${String(b)}`, "locate", { recording: b, where: { icount: where.icount } });
}

const grown =
  (store: PageStore) =>
  (summary: State["recordings"][number]): void =>
    store.dispatch({ type: "grown", summary });

async function survey(store: PageStore, asker: Asker, recording: number): Promise<void> {
  const told = (share: number): void => store.dispatch({ type: "surveyed", recording, share });
  const progress = ({ done, total }: Progress): void => told(total === 0 ? 1 : Math.min(0.999, done / total));
  // What it cannot survey it cannot show either, and says so where somebody looks.
  const answer = await asker
    .ask(`idle survey ${String(recording)}`, "survey", { recording }, { progress })
    .catch(() => undefined);
  told(answer?.surveyed ?? 1);
}

/** Where `wentTo` leads; for the rest, the moment that is looked at already. */
const lookedAt = (action: Action, state: State): Where | undefined =>
  action.type === "wentTo" || action.type === "addressRead" ? state.asked : (cursorOf(state) ?? state.asked);

function look(store: PageStore, asker: Asker, where: Where | undefined): void {
  if (where === undefined) return;
  trying(
    store,
    lookAtMoment(store, asker, where).catch((error: unknown) => toFirst(store, where, error)),
  );
  lookAtConsole(store, asker, where);
}

/** Where a link leads nowhere, the page begins as it would without: it does not stay empty. */
function toFirst({ state, dispatch }: PageStore, where: Where, error: unknown): void {
  const first = firstPlaceOf(activeOf(state));
  const isFirst = first === undefined || ("icount" in where && where.icount === first.icount);
  if (cursorOf(state) === undefined && !isFirst && state.asked === where) dispatch({ type: "wentTo", where: first });
  throw error;
}

/** At the survey's end a kernel's names are known, and before it more of the console is. */
function lookAgain(store: PageStore, asker: Asker, share: number): void {
  const { state } = store;
  const where = cursorOf(state);
  if (share === 1 && state.moment?.names === "images" && !state.isLooking) look(store, asker, where);
  else if (state.console?.isPartial === true) lookAtConsole(store, asker, where ?? state.asked);
}

async function lookAtMoment(store: PageStore, asker: Asker, where: Where): Promise<void> {
  const { state, dispatch } = store;
  const { hart, frame, memory, against, previous, active } = state;
  const since = against === "previous" ? (cursorOf(state) ?? previous) : undefined;
  const ask = {
    ...{ recording: active, where, hart, frame, since },
    memory: memory === "" ? [] : [{ of: memory, bytes: MEMORY_BYTES }],
  };
  const progress = progressOf(store, "going there");
  const moment = await asker.ask("moment", "moment", ask, { progress });
  if (moment === undefined) return;
  dispatch({ type: "progressed", progress: undefined });
  dispatch({ type: "momentCame", moment });
}

function lookAtConsole(store: PageStore, asker: Asker, until: Where | undefined): void {
  if (until === undefined) return;
  const { active, port } = store.state;
  const asked = asker.ask("console", "console", { recording: active, until, port, from: -CONSOLE_BYTES });
  // Why there is none the moment says, too.
  asked.then(
    (console) => console === undefined || store.dispatch({ type: "consoleCame", console }),
    () => undefined,
  );
}

async function toPrinted({ state, dispatch }: PageStore, asker: Asker, offset: number): Promise<void> {
  const ask = { recording: state.active, port: state.port, offset };
  const printed = await asker.ask("step", "printed", ask);
  if (printed !== undefined) dispatch({ type: "wentTo", where: { seq: printed.seq, icount: printed.icount } });
}

/** One after another: a key that is held makes many. Who goes elsewhere meanwhile is where he went. */
function stepsOf(store: PageStore, asker: Asker): (action: Action & { type: "stepped" }) => void {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  const step = async ({ kind, direction }: Action & { type: "stepped" }): Promise<void> => {
    const { asked, active, hart } = store.state;
    const from = asked !== undefined && "seq" in asked && "icount" in asked ? asked : cursorOf(store.state);
    if (from === undefined) {
      store.dispatch({ type: "momentMissed" });
      return;
    }
    const ask = { recording: active, from, kind, direction, hart };
    const stepped = await asker.ask("step", "step", ask, { progress: progressOf(store, "stepping") });
    store.dispatch({ type: "progressed", progress: undefined });
    if (stepped === undefined || store.state.asked !== asked || store.state.active !== active) return;
    store.dispatch({ type: "wentTo", where: { seq: stepped.seq, icount: stepped.icount } });
  };
  return (action) => {
    if (waiting >= MAX_WAITING_STEPS) return;
    waiting += 1;
    last = last.then(() => step(action)).finally(() => (waiting -= 1));
    trying(store, last);
    last = last.catch(() => undefined);
  };
}

async function answer(store: PageStore, asker: Asker, id: number): Promise<void> {
  const asked = store.state.answers.find((one) => one.id === id);
  if (asked === undefined) return;
  const { question, recording } = asked;
  const slot = `answer ${String(id)}`;
  const part = (rows: (typeof asked)["rows"]): void => store.dispatch({ type: "answerCame", id, rows });
  const progress = progressOf(store, asked.title);
  try {
    const end =
      question.kind === "whence"
        ? await asker.ask(
            slot,
            "whence",
            { recording, where: question.where, of: question.of, limit: MAX_WHENCE_ROWS },
            { part, progress },
          )
        : await asker.ask(
            slot,
            "query",
            {
              ...{ recording, kind: question.kind, of: question.of, until: question.until },
              ...(question.until === undefined ? {} : { last: MAX_ANSWER_ROWS }),
              limit: MAX_ANSWER_ROWS,
            },
            { part, progress },
          );
    store.dispatch({ type: "answerEnded", id, status: end?.hasMore === true || end === undefined ? "more" : "done" });
  } catch (error) {
    const { what, remedy } = failureOf(error);
    store.dispatch({ type: "answerEnded", id, status: "failed", failure: `${what}. ${remedy}` });
  } finally {
    store.dispatch({ type: "progressed", progress: undefined });
  }
}

const progressOf =
  ({ dispatch }: PageStore, what: string) =>
  ({ done, total }: Progress): void =>
    dispatch({ type: "progressed", progress: { what, share: total === 0 ? 0 : Math.min(1, done / total) } });

/** What fails is said. */
function trying(store: PageStore, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    store.dispatch({ type: "progressed", progress: undefined });
    store.dispatch({ type: "momentMissed" });
    store.dispatch({ type: "failed", failure: failureOf(error) });
  });
}
