/** Each request, and what answers it. */
import { hex64 } from "../../src/reducers/hex.js";
import { hashOfState } from "../../src/machine/state-hash.js";
import type { Answer, Ask, Part, Progress, RequestName } from "../protocol.js";
import { consoleAt, printedAt } from "./console.js";
import { densityOf } from "./density.js";
import { followed } from "./following.js";
import { momentAt } from "./moment.js";
import { originsOf } from "./origins.js";
import { parted } from "./parted.js";
import { asked } from "./queries.js";
import type { Session } from "./session.js";
import { stepped } from "./steps.js";
import { summaryOf } from "./summary.js";
import { typed } from "./typing.js";
import { located } from "./where.js";
import { windowRows } from "./window-rows.js";

/** Of one request. */
export interface Context<Name extends RequestName> {
  readonly session: Session;
  readonly signal: AbortSignal;
  readonly part: (part: Part<Name>) => void;
  readonly progress: (progress: Progress) => void;
}

export type Requested = {
  readonly [Name in RequestName]: (ask: Ask<Name>, context: Context<Name>) => Promise<Answer<Name>>;
};

export const REQUESTS: Requested = {
  async open({ sources }, { session, signal }) {
    const all = await session.open(sources, signal);
    return all.map((opened, number) => summaryOf(opened, number, all));
  },
  survey: ({ recording }, { session, progress }) => session.surveyed(recording, progress),
  density: (ask, { session }) => promised(() => densityOf(session.recording(ask.recording), ask)),
  rows: (ask, { session, ...reader }) =>
    windowRows(session.recording(ask.recording), ask, { ...reader, turns: session.turns }),
  async console(ask, { session }) {
    return consoleAt(session.recording(ask.recording), await located(session, ask.recording, ask.until), ask);
  },
  printed: (ask, { session }) => promised(() => printedAt(session.recording(ask.recording), ask)),
  async moment(ask, { session, signal }) {
    const where = await located(session, ask.recording, ask.where);
    const opened = session.recording(ask.recording);
    return session.turns.alone(async () => {
      const moment = await session.turns.run(momentAt(opened, where, ask), { signal, isUrgent: true });
      return { ...moment, code: await opened.sources.beside(moment.code) };
    });
  },
  locate: ({ recording, where }, { session }) => located(session, recording, where),
  async hash({ recording, where }, { session, signal }) {
    const position = await located(session, recording, where);
    const steps = session.recording(recording).stateAt(position);
    return { hash: hex64(hashOfState(await session.turns.run(steps, { signal, isUrgent: true }))) };
  },
  async step(ask, { session, signal }) {
    const opened = session.recording(ask.recording);
    const from = await located(session, ask.recording, ask.from);
    await session.turns.run(opened.learnNames(), { signal });
    return session.turns.alone(() => stepped(opened, ask, from, signal));
  },
  async query(ask, { session, ...reader }) {
    const { recording, from, until } = ask;
    const place = async (where: typeof from): Promise<{ seq: number; icount: number } | undefined> => {
      if (where === undefined) return undefined;
      const { seq, icount } = await located(session, recording, where);
      return { seq, icount };
    };
    const range = { from: await place(from), until: await place(until) };
    return asked(session.recording(recording), ask, range, { ...reader, turns: session.turns });
  },
  async whence(ask, { session, ...told }) {
    const where = await located(session, ask.recording, ask.where);
    return originsOf(session.recording(ask.recording), ask, where, told);
  },
  async diff(ask, { session, signal, progress }) {
    const [a, b] = [session.recording(ask.a), session.recording(ask.b)];
    for (const one of [a, b]) await session.turns.run(one.learnNames(), { signal });
    const total = Math.min(a.end.icount, b.end.icount);
    const step = ({ icount }: { readonly icount: number }): void => {
      progress({ done: icount, total });
    };
    return session.turns.run(parted(a, b), { signal, step });
  },
  async follow({ recording }, { session, signal, part }) {
    for await (const summary of followed(session, recording, signal)) part(summary);
    return summaryOf(session.recording(recording), recording, session.recordings);
  },
  async type({ recording, bytes }, { session }) {
    await typed(session.recording(recording), bytes);
    return {};
  },
};

/** What it throws is its fault, too. */
const promised = async <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
