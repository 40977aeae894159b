import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Environment } from "../../src/reducers/device.js";
import { plic, type PlicState } from "../../src/reducers/plic.js";
import { NOWHEN, sources as lines, stepped } from "./stepped.js";

const { load, reduce, initialState } = stepped(plic);

const CLAIM = [0x20_0004, 0x20_1004] as const;
/** Whether the hart's M and S contexts interrupt: MEIP and SEIP. */
const hartLines = (state: PlicState, environment: Environment): [boolean, boolean] => {
  const mip = plic.hartLines?.(state, 0, environment) ?? 0;
  return [(mip & (1 << 11)) !== 0, (mip & (1 << 9)) !== 0];
};
const contextLine = (state: PlicState, context: 0 | 1, environment: Environment): boolean =>
  hartLines(state, environment)[context];
const store = (state: PlicState, offset: number, value: number): PlicState =>
  reduce(state, { type: "bus/stored", offset, width: 4, value: BigInt(value) }, NOWHEN);
const claim = (state: PlicState, context: 0 | 1, high: Environment): [number, PlicState] => [
  Number(load(state, { offset: CLAIM[context], width: 4 }, high)),
  reduce(state, { type: "bus/loaded", offset: CLAIM[context], width: 4 }, high),
];
const enabled = (context: 0 | 1, priorities: Readonly<Record<number, number>>): PlicState => {
  let state = initialState();
  for (const [source, priority] of Object.entries(priorities)) {
    state = store(state, Number(source) * 4, priority);
    const word = 0x2000 + context * 0x80 + (Number(source) >> 5) * 4;
    state = store(state, word, Number(load(state, { offset: word, width: 4 }, lines())) | (1 << (Number(source) & 31)));
  }
  return state;
};

test("given several pending sources, when they are claimed, then the highest priority comes first and the lowest id of equals", () => {
  let state = enabled(1, { 1: 1, 10: 3, 11: 3, 40: 2 });
  const high = lines(1, 10, 11, 40);
  const claimed: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    const [source, after] = claim(state, 1, high);
    claimed.push(source);
    state = after;
  }
  assert.equal(claimed, [10, 11, 40, 1, 0]);
});

const moved = (state: PlicState, source: number): PlicState => plic.sourceMoved?.(state, source) ?? state;

test("given a claimed source whose line stays high, when its device moved before the completion or after, then it is pending again", () => {
  const [, claimed] = claim(enabled(0, { 10: 1 }), 0, lines(10));
  assert.equal(hartLines(claimed, lines(10)), [false, false]);
  const before = moved(claimed, 10);
  assert.equal(hartLines(before, lines(10)), [false, false], "it is claimed");
  assert.equal(hartLines(store(before, CLAIM[0], 10), lines(10)), [true, false]);
  const completed = store(claimed, CLAIM[0], 10);
  assert.equal(hartLines(moved(completed, 10), lines(10)), [true, false]);
  assert.is(moved(completed, 11), completed, "another device's step is none of its");
});

test("given a driver that claims and completes alone, when its device does not move, then it is told once", () => {
  const [, claimed] = claim(enabled(0, { 10: 1 }), 0, lines(10));
  const completed = store(claimed, CLAIM[0], 10);
  assert.equal(hartLines(completed, lines(10)), [false, false]);
  assert.is(claim(completed, 0, lines(10))[0], 0);
});

test("given a source that was told, when a priority, an enable or a threshold is stored, then it is pending again", () => {
  const completed = store(claim(enabled(0, { 10: 1 }), 0, lines(10))[1], CLAIM[0], 10);
  for (const [offset, value] of [
    [40, 1],
    [0x2000, 1 << 10],
    [0x20_0000, 0],
  ] as const) {
    assert.equal(hartLines(store(completed, offset, value), lines(10)), [true, false]);
  }
});

test("given a source at or below the threshold, when it is claimed, then the claim gives it all the same", () => {
  const state = store(enabled(0, { 10: 3 }), 0x20_0000, 7);
  assert.equal(hartLines(state, lines(10)), [false, false]);
  assert.is(claim(state, 0, lines(10))[0], 10);
});

test("given a source of priority 0, when it is claimed, then there is none", () => {
  assert.is(claim(store(enabled(0, { 10: 3 }), 40, 0), 0, lines(10))[0], 0);
});

test("given a claimed source, when it is completed where it is not enabled, then it stays claimed", () => {
  const [, claimed] = claim(enabled(0, { 10: 1 }), 0, lines(10));
  assert.is(store(claimed, CLAIM[1], 10), claimed, "by another context");
  const disabled = store(claimed, 0x2000, 0);
  const completed = store(store(disabled, CLAIM[0], 10), 0x2000, 1 << 10);
  assert.equal(hartLines(completed, lines(10)), [false, false]);
  assert.equal(hartLines(store(completed, CLAIM[0], 10), lines(10)), [true, false], "enabled again");
  assert.is(store(claimed, CLAIM[0], 11), claimed, "another id");
  for (const id of [0, 96, 0xffff_ffff]) assert.is(store(claimed, CLAIM[0], id), claimed);
});

test("given a threshold, when sources are at or below it, then they don't interrupt that context", () => {
  const state = store(enabled(1, { 10: 3 }), 0x20_1000, 3);
  assert.not(contextLine(state, 1, lines(10)));
  assert.ok(contextLine(store(state, 0x20_1000, 2), 1, lines(10)));
});

test("given a source that is not enabled, when its line is high, then it is pending and interrupts nobody", () => {
  const state = store(initialState(), 40, 1);
  assert.equal(hartLines(state, lines(10)), [false, false]);
  assert.is(load(state, { offset: 0x1000, width: 4 }, lines(10)), 1n << 10n);
  assert.is(load(state, { offset: 0x1004, width: 4 }, lines(33)), 2n);
});

test("given registers that don't exist, when they are accessed, then nothing changes and zero is read", () => {
  const state = initialState();
  for (const offset of [0, 0x184, 0x1000, 0x200c, 0x2100, 0x20_0008, 0x20_2000, 0x20_2004, 0x5f_fffc]) {
    assert.is(store(state, offset, 5), state, `0x${offset.toString(16)}`);
    assert.is(load(state, { offset, width: 4 }, lines()), 0n);
  }
  assert.is(claim(state, 0, lines(10))[1], state);
});

test("given sources beyond 31, when one is high, then it is pending, claimed and completed as the others", () => {
  for (const source of [31, 32, 63, 64, 95]) {
    const state = enabled(0, { [source]: 1 });
    assert.is(
      load(state, { offset: 0x1000 + (source >> 5) * 4, width: 4 }, lines(source)),
      BigInt((1 << (source & 31)) >>> 0),
    );
    assert.equal(hartLines(state, lines(source)), [true, false]);
    const [id, claimed] = claim(state, 0, lines(source));
    assert.is(id, source);
    assert.equal(hartLines(claimed, lines(source)), [false, false]);
    assert.equal(hartLines(moved(store(claimed, CLAIM[0], source), source), lines(source)), [true, false]);
  }
});

test.run();
