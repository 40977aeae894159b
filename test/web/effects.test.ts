// What the page asks of its worker, and what becomes of the answers. Seen red: a link to no moment, of which the page
// stayed empty; a machine that was over or gone, and was followed for ever.
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { WorkerFault } from "../../web/client.js";
import type { Summary } from "../../web/protocol.js";
import { addressOf } from "../../web/ui/model/address.js";
import { reduce } from "../../web/ui/model/reduce.js";
import { INITIAL, type State } from "../../web/ui/model/state.js";
import { createStore, type Store } from "../../web/ui/model/store.js";
import type { Action } from "../../web/ui/model/actions.js";
import type { Asker } from "../../web/ui/work/asker.js";
import { connectEffects, open } from "../../web/ui/work/effects.js";

const test = suite("what the page asks");

const summary = (isLive: boolean): Summary =>
  ({
    ...{ recording: 0, name: "a.fold", isLive, isEndNear: true, harts: 1, parent: null },
    start: { seq: 0, icount: 0, ns: 0 },
    end: { seq: 49, icount: 1000, ns: 1000 },
  }) as Partial<Summary> as Summary;

type Answers = Readonly<Record<string, (ask: never) => Promise<unknown>>>;

const never = new Promise<unknown>(() => undefined);

async function pageOf(isLive: boolean, answers: Answers): Promise<Store<State, Action>> {
  const store = createStore<State, Action>({ initial: INITIAL, reduce, frame: (draw) => draw() });
  const all: Answers = { ...answers, open: () => Promise.resolve([summary(isLive)]) };
  const asker = {
    ask: (_slot: string, name: string, ask: never) => all[name]?.(ask) ?? never,
    end: () => undefined,
  } as unknown as Asker;
  connectEffects(store, asker);
  await open(store, asker, []);
  return store;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const gone = (what: string) => () => Promise.reject(new WorkerFault({ name: "PageError", message: what }));

test("given a link to a moment that is not there, when it is opened, then the page says so and begins as without it", async () => {
  const store = await pageOf(false, {
    moment: ({ where }: { where: { seq: number; icount: number } }) =>
      where.icount > 1000 ? gone("it is outside")() : Promise.resolve({ recording: 0, ...where, ns: where.icount }),
  });
  store.dispatch({ type: "addressRead", address: addressOf("#at=9:5000") });
  await settled();
  assert.equal([store.state.moment?.seq, store.state.moment?.icount], [49, 1000]);
  assert.is(store.state.failure?.what, "it is outside");
});

test("given a recording whose moments can't be replayed, when a link to one is opened, then the page says why, once", async () => {
  let asked = 0;
  const store = await pageOf(false, {
    moment: () => {
      asked += 1;
      return gone("an image is missing")();
    },
  });
  store.dispatch({ type: "addressRead", address: addressOf("#at=9:500") });
  await settled();
  assert.equal([store.state.failure?.what, store.state.moment, asked], ["an image is missing", undefined, 2]);
});

test("given a machine that runs, when it is over, then it is no longer followed", async () => {
  const store = await pageOf(true, { follow: () => Promise.resolve(summary(true)) });
  await settled();
  assert.equal(
    [store.state.isFollowing, store.state.recordings[0]?.isLive, store.state.failure],
    [false, false, undefined],
  );
});

test("given a machine that runs, when its server is gone, then the page says so, and what to do", async () => {
  const store = await pageOf(true, { follow: gone("the server is not there") });
  await settled();
  const { isFollowing, failure } = store.state;
  assert.is(isFollowing, false);
  assert.match(failure?.what ?? "", "no longer there: the server is not there");
  assert.match(failure?.remedy ?? "", "foldvm serve --live");
});

test.run();
