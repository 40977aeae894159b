/** States kept in a file: what was taken is what is read, each page is there once, and the file is bounded. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { PageDigester } from "../../../../src/machine/digest/page-digest.js";
import { RAM_PAGE_BYTES, type RamPage } from "../../../../src/machine/ram.js";
import { hashOfState } from "../../../../src/machine/state-hash.js";
import type { MachineState } from "../../../../src/machine/state.js";
import { positionOf } from "../../../../src/reducers/position.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { bytesSource } from "../../../../src/streams/store/log/index.js";
import {
  MAX_INDEXED_STATES,
  openStateIndex,
  StateIndexBuilder,
  type StateIndex,
} from "../../../../src/streams/store/state-index/index.js";
import { saveState } from "../../../../src/streams/store/saved-state/index.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { spinning } from "../../../support/tiny-guests.js";
import { golden, withDisk, withHarts } from "../../../support/indexed-recordings.js";
import { bytesOf, evenly, indexedAt, opened, type Indexed } from "../../../support/indexed-states.js";

const recordings: Readonly<Record<string, () => Recording | Promise<Recording>>> = {
  "one hart": () => golden("session"),
  "virtio devices": () => golden("virtio"),
  "two harts": withHarts,
  "a disk": withDisk,
};

for (const [what, open] of Object.entries(recordings)) {
  test(`given a recording of ${what}, when its states are indexed and read, then each is what was taken`, async () => {
    const recording = await open();
    const { start, taken, bytes } = indexedAt(recording, evenly(recording.info.instructions, 9));
    const { states } = opened(recording, bytes, start);
    assert.equal(
      states.map(({ position }) => position),
      taken.map(({ position }) => position),
    );
    // In any order: a state needs no other.
    for (const at of [5, 0, 9, 3, 8, 1]) {
      const [read, was] = [states[at]?.load(), taken[at]];
      if (read === undefined || was === undefined) throw new Error(`there is no state ${String(at)}`);
      assert.is(hashOfState(read), hashOfState(was));
      assert.is(Buffer.compare(saveState(read), saveState(was)), 0);
    }
  });
}

test("given a disk that was written, when its states are read, then one of them has an overlay", async () => {
  const recording = await withDisk();
  const { start, bytes } = indexedAt(recording, evenly(recording.info.instructions, 5));
  const last = opened(recording, bytes, start).states.at(-1)?.load();
  assert.ok([...(last?.disks[0]?.overlay.indices() ?? [])].length > 1);
});

const spun = openMachine({ memory: "2M", bios: "none", kernel: spinning(), seed: "index" }).machine.state();
const PAGE = 100;
const FAR = 300;

const digester = new PageDigester();

function pageOf(byte: number, index: number): RamPage {
  const bytes = new Uint8Array(RAM_PAGE_BYTES).fill(byte);
  return { bytes, digest: digester.of(bytes, index) };
}

/** A state a turn; what each writes. */
function states(...writes: readonly (readonly (readonly [page: number, byte: number])[])[]): readonly MachineState[] {
  let { ram } = spun;
  return writes.map((pages, index) => {
    ram = ram.with(pages.map(([page, byte]) => [page, byte === 0 ? undefined : pageOf(byte, page)] as const));
    return { ...spun, ram, position: positionOf(0, 1000 * (index + 1)) };
  });
}

function indexed(list: readonly MachineState[], maxBytes?: number): Pick<Indexed, "builder" | "bytes"> {
  const builder = new StateIndexBuilder(spun, maxBytes);
  for (const state of list) builder.keep(state);
  return { builder, bytes: bytesOf(builder, 1n) };
}

const read = (bytes: Uint8Array): StateIndex["states"] => openStateIndex(bytesSource(bytes), 1n, spun).states;

test("given a page that two states share, when both are read, then they share its object, and it was not read twice", () => {
  const list = states([[PAGE, 1]], [[FAR, 2]], [[PAGE, 3]]);
  const [first, second, third] = read(indexed(list).bytes);
  assert.is(second?.unreadPages(), 2);
  const [a, b, c] = [first?.load(), second?.load(), third?.load()];
  assert.is(a?.ram.page(PAGE), b?.ram.page(PAGE));
  assert.is.not(b?.ram.page(PAGE), c?.ram.page(PAGE));
  assert.is(second?.unreadPages(), 0);
});

test("given a page that was written and got its old content again, when versions are compared, then they say written", () => {
  const list = states([[PAGE, 1]], [[PAGE, 2]], [[PAGE, 1]]);
  const [first, second, third] = read(indexed(list).bytes);
  assert.is.not(first?.version(PAGE), third?.version(PAGE));
  assert.is.not(first?.version(PAGE), second?.version(PAGE));
  assert.is.not(first?.load().ram.version(PAGE), third?.load().ram.version(PAGE));
  assert.is(first?.version(PAGE), first?.load().ram.version(PAGE));
});

test("given content that comes again, when it is indexed, then it is stored once", () => {
  const noise = (turn: number): readonly [number, number][] => [[PAGE, 1 + (turn % 2)]];
  const twice = indexed(states(noise(0), noise(1))).bytes.length;
  const often = indexed(states(...Array.from({ length: 20 }, (_, turn) => noise(turn)))).bytes.length;
  const empty = indexed(states(...Array.from({ length: 20 }, () => []))).bytes.length;
  assert.ok(often - empty < twice, `${String(often)} bytes, of which ${String(empty)} are for nothing`);
});

test("given a page that becomes zeros, or what it was at the start, when the state is read, then it is that", () => {
  const [own = 0] = spun.ram.pageIndices();
  const content = spun.ram.page(own);
  const list = states(
    [
      [PAGE, 1],
      [own, 5],
    ],
    [[PAGE, 0]],
  ).map((state, at) => (at === 0 ? state : { ...state, ram: state.ram.with([[own, content]]) }));
  const [, second] = read(indexed(list).bytes);
  const { ram } = second?.load() ?? spun;
  assert.is(ram.page(PAGE), undefined);
  assert.equal(ram.page(own)?.bytes, content?.bytes);
  assert.is(second?.version(PAGE), undefined);
});

test("given a bound, when states take more, then every second one goes, the last one stays, and the file is within it", () => {
  const noisy = states(...Array.from({ length: 40 }, (_, turn): [number, number][] => [[PAGE + turn, 1 + turn]]));
  const all = indexed(noisy);
  const most = Math.floor(all.builder.byteLength / 2);
  const { builder, bytes } = indexed(noisy, most);
  assert.ok(builder.stateCount < 40 && builder.stateCount > 5, String(builder.stateCount));
  assert.ok(bytes.length <= most);
  const left = read(bytes);
  assert.equal(left.at(-1)?.position, noisy.at(-1)?.position);
  for (const state of left) {
    const was = noisy.find(({ position }) => position.icount === state.position.icount);
    assert.is(was && hashOfState(was), hashOfState(state.load()));
  }
});

test("given a bound that no state fits into, when states are indexed, then there is none, and the file is an index", () => {
  const { builder, bytes } = indexed(states([[PAGE, 1]], [[FAR, 1]]), 10);
  assert.is(builder.stateCount, 0);
  assert.equal(read(bytes), []);
});

test("given a bound that nothing fits into at first, when a later state does, then it is whole", () => {
  const builder = new StateIndexBuilder(spun, 5000);
  const big = Array.from({ length: 60 }, (_, at): [number, number] => [PAGE + at, 1 + at]);
  const [first, second] = states(
    big,
    big.slice(1).map(([page]) => [page, 0] as [number, number]),
  );
  if (first === undefined || second === undefined) throw new Error("two states");
  builder.keep(first);
  assert.is(builder.stateCount, 0);
  builder.keep(second);
  assert.is(hashOfState(read(bytesOf(builder, 1n))[0]?.load() ?? spun), hashOfState(second));
});

test("given as many states as an index has, when there is one more, then they are thinned", () => {
  const builder = new StateIndexBuilder(spun);
  for (let at = 1; at <= MAX_INDEXED_STATES; at += 1) builder.keep({ ...spun, position: positionOf(0, at) });
  assert.is(builder.stateCount, MAX_INDEXED_STATES);
  builder.keep({ ...spun, position: positionOf(0, MAX_INDEXED_STATES + 1) });
  assert.is(builder.stateCount, MAX_INDEXED_STATES / 2 + 1);
});

test.run();
