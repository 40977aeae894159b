// What the page knows and how it changes: addresses, windows, steps of the state. Seen red: a window that `within` did
// not hold inside the run; an address whose position lost its seq; a view that was drawn once an action.
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { addressOf, hashOf, NO_ADDRESS } from "../../web/ui/model/address.js";
import { KEYS } from "../../web/ui/model/keys.js";
import { countOf, short, time } from "../../web/ui/model/numbers.js";
import { reduce } from "../../web/ui/model/reduce.js";
import { icountAt, moved, spanOf, stepOf, within, xOf, zoomed } from "../../web/ui/model/scale.js";
import { INITIAL, type State } from "../../web/ui/model/state.js";
import { signsOf } from "../../web/ui/timeline/signs.js";
import { createStore } from "../../web/ui/model/store.js";
import type { MomentAnswer, Summary } from "../../web/protocol.js";
import { seededRandom } from "../support/seeded-random.js";

const test = suite("the page's model");

test("given an address with all there is, when it is written and read, then it is the same", () => {
  const address = {
    ...{ at: { seq: 35, icount: 8_400_291 }, window: { from: 8_390_000, until: 8_401_000 }, recording: 1 },
    ...{ tab: "memory", memory: "link.bytes[0] & x=y", hart: 1, frame: 2, axis: "ns" as const },
  };
  assert.equal(addressOf(`#${hashOf(address)}`), { ...address, unknown: [] });
  assert.match(hashOf(address), /at=35:8400291&view=8390000-8401000/);
  assert.is(hashOf(NO_ADDRESS), "");
});

test("given an address that nobody wrote, when it is read, then what makes no sense is left out, and named", () => {
  const hashes = {
    "#at=1&view=9-3&hart=x": ["at=1", "view=9-3", "hart=x"],
    "#&&=&at=%E0%A4%A": ["=", "at=%E0%A4%A"],
    "#view=1-99999999999999999999": ["view=1-99999999999999999999"],
    "#frame=-1&tab=nothing&axis=miles": ["frame=-1", "tab=nothing", "axis=miles"],
    "#recording=0&constructor=1": ["recording=0", "constructor=1"],
  };
  for (const [hash, unknown] of Object.entries(hashes)) {
    const { tab: _tab, ...read } = addressOf(hash);
    const { tab: _none, ...nothing } = NO_ADDRESS;
    assert.equal(read, { ...nothing, unknown });
  }
});

test("given any zooms and drags, when they are done, then the window stays inside the run and its place under the mouse", () => {
  const random = seededRandom(1);
  let window = { from: 0, until: 12_075_018 };
  for (let index = 0; index < 2000; index += 1) {
    const x = random(1000);
    const around = icountAt(x, window, 1000);
    const nearer = zoomed(window, 0.5 + random(100) / 80, around, 12_075_018);
    const isFree = nearer.from > 0 && nearer.until < 12_075_018 && spanOf(nearer) > 16;
    if (isFree) assert.ok(Math.abs(xOf(around, nearer, 1000) - x) < 0.01);
    window = random(2) === 0 ? nearer : moved(window, random(2_000_000) - 1_000_000, 12_075_018);
    assert.ok(window.from >= 0 && window.until <= 12_075_018 && spanOf(window) >= 16, JSON.stringify(window));
  }
  assert.equal(within({ from: -5, until: 3 }, 100), { from: 0, until: 16 });
});

test("given any window, when its ruler is drawn, then its lines are a round number apart and have room", () => {
  for (const span of [16, 1000, 123_456, 12_075_018, 2e9]) {
    const step = stepOf({ from: 0, until: span }, 1000, 110);
    assert.match(String(step), /^[125]0*$/);
    assert.ok((step / span) * 1000 >= 110 || step === 1);
  }
});

test("given numbers as people write them, when they are read, then they are counts", () => {
  assert.is(countOf("8_400_291"), 8_400_291);
  assert.is(countOf("8,400,291"), 8_400_291);
  assert.is(countOf("12.5M"), 12_500_000);
  assert.is(countOf("link"), undefined);
  assert.is(short(8_400_000), "8.4 M");
  assert.is(time(8_400_291), "8.400291 ms");
  assert.is(time(0), "0 ns");
});

const SUMMARY = {
  ...{ recording: 0, name: "a.fold", isLive: false },
  start: { seq: 0, icount: 0, ns: 0 },
  end: { seq: 49, icount: 1000, ns: 2000 },
  isEndNear: true,
} as Summary;

const opened: State = reduce(INITIAL, { type: "opened", recordings: [SUMMARY] });

test("given questions, when one is closed and another asked, then a late answer to the first is nobody's", () => {
  const ask = { type: "asked", question: { kind: "writes", of: "x", until: undefined }, title: "x" } as const;
  const first = reduce(opened, ask);
  const closed = reduce(first, { type: "answerClosed", id: first.lastAnswer });
  const second = reduce(closed, ask);
  const late = reduce(second, { type: "answerCame", id: first.lastAnswer, rows: [{}] as never });
  assert.equal(
    late.answers.map(({ rows }) => rows.length),
    [0],
  );
  assert.not.equal(second.lastAnswer, first.lastAnswer);
});

test("given an address without a moment, when it is read, then the end is looked at where it is near, else the beginning", () => {
  const askedIn = (summary: Summary, hash: string): State["asked"] =>
    reduce(reduce(INITIAL, { type: "opened", recordings: [summary] }), {
      type: "addressRead",
      address: addressOf(hash),
    }).asked;
  const far = { ...SUMMARY, isEndNear: false };
  assert.equal(askedIn(SUMMARY, ""), { seq: 49, icount: 1000 });
  assert.equal(askedIn(far, "#tab=memory"), { seq: 0, icount: 0 });
  assert.equal(askedIn(far, "#at=48:900"), { seq: 48, icount: 900 });
});

test("given a moment outside the window, when somebody goes there, then it is in view", () => {
  const near = reduce(opened, { type: "windowMoved", window: { from: 0, until: 100 } });
  const there = reduce(near, { type: "wentTo", where: { seq: 3, icount: 700 } });
  assert.ok(there.window.from <= 700 && there.window.until >= 700);
  assert.is(spanOf(there.window), 100);
});

test("given many actions in a frame, when it is drawn, then each view is drawn once, and only for what it selects", () => {
  const frames: (() => void)[] = [];
  const store = createStore<{ a: number; b: number }, "a" | "b">({
    initial: { a: 0, b: 0 },
    reduce: (state, action) => ({ ...state, [action]: state[action] + 1 }),
    frame: (draw) => frames.push(draw),
  });
  const drawn: number[] = [];
  store.view(
    ({ a }) => [a] as const,
    ([a]) => drawn.push(a),
  );
  for (const action of ["a", "b", "a", "a"] as const) store.dispatch(action);
  assert.is(frames.length, 1);
  frames.pop()?.();
  store.dispatch("b");
  frames.pop()?.();
  assert.equal(drawn, [0, 3]);
});

const summaryOf = (part: Partial<Summary>): Summary => ({ ...SUMMARY, ...part });

/** A moment of the first recording; its clock goes at two nanoseconds an instruction. */
const momentAt = (seq: number, icount: number): MomentAnswer =>
  ({ recording: 0, seq, icount, ns: icount * 2 }) as Partial<MomentAnswer> as MomentAnswer;

test("given a link of other recordings, when it is followed, then it says so until somebody goes on", () => {
  const address = addressOf("#recording=9&hart=3&at=soon");
  const state = reduce(opened, { type: "addressRead", address });
  assert.match(state.failure?.what ?? "", "at=soon, recording=9, hart=3");
  assert.equal([state.active, state.hart], [0, undefined]);
  const next = reduce(state, { type: "wentTo", where: { icount: 5 } });
  assert.is(next.failure, undefined);
});

test("given a machine that is followed, when it has grown, then a step back is one from there", () => {
  const [live, other] = [summaryOf({ isLive: true, recording: 0 }), summaryOf({ recording: 1, name: "b" })];
  let state = reduce(INITIAL, { type: "opened", recordings: [live, other] });
  state = reduce(state, { type: "addressRead", address: NO_ADDRESS });
  const end = { seq: 70, icount: 2000, ns: 2000 };
  state = reduce(state, { type: "grown", summary: { ...live, end } });
  assert.equal(state.asked, { seq: 70, icount: 2000 });
  const back = reduce(state, { type: "stepped", kind: "event", direction: "back" });
  assert.equal(reduce(back, { type: "grown", summary: { ...live, end: { ...end, seq: 80 } } }).asked, state.asked);
  const over = reduce(state, { type: "machineEnded", recording: 0 });
  assert.equal([over.isFollowing, over.recordings[0]?.isLive], [false, false]);
});

test("given a place that could not be gone to, when somebody steps, then it is from where he is", () => {
  const here = reduce(opened, { type: "momentCame", moment: momentAt(5, 1000) });
  const lost = reduce(reduce(here, { type: "wentTo", where: { seq: 99, icount: 0 } }), { type: "momentMissed" });
  assert.equal(lost.asked, { seq: 5, icount: 1000 });
});

test("given a part of the run in view, when the axis is another, then it is as near, around the same moment", () => {
  const here = reduce(opened, { type: "momentCame", moment: momentAt(5, 500) });
  const near = reduce(here, { type: "windowMoved", window: { from: 450, until: 550 } });
  assert.equal(reduce(near, { type: "axisChosen", axis: "ns" }).window, { from: 900, until: 1100 });
});

test("given recordings that part, when the ruler is drawn, then no word is cut off or covers another", () => {
  const recordings = ["a", "b", "c"].map((name, recording) => summaryOf({ name: name.repeat(8), recording }));
  const parting = (b: number, icount: number): State["partings"][number] => ({
    a: 0,
    b,
    at: { seq: 0, icount, ns: icount },
  });
  for (const at of [0, 3, 400, 996, 1000])
    for (const other of [at, 700]) {
      const partings = [parting(1, at), parting(2, other)];
      const signs = signsOf({ recordings, partings, window: { from: 0, until: 1000 }, axis: "icount" }, 500, 7);
      assert.is(signs.length, 2);
      for (const { left, right } of signs) assert.ok(left >= 0 && right <= 501, JSON.stringify(signs));
      const [one, two] = signs;
      assert.ok(two?.text === "" || one!.right <= two!.left || two!.right <= one!.left, JSON.stringify(signs));
    }
});

test("given the table of keys, when two are compared, then no key means two things", () => {
  const keys = KEYS.flatMap(({ keys: names }) => names);
  assert.is(new Set(keys).size, keys.length);
});

test.run();
