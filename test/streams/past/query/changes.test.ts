/** What a function says of memory is what it says when it is asked at each instruction. */
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { replay } from "../../../../src/streams/past/replayer.js";
import type { MomentView } from "../../../../src/streams/past/moment-view.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { changes, UntrackedError, visits, writes, type Change } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { freshSeed, oneOf, seededRandom } from "../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    changes: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const log = (name: string): string => fileURLToPath(new URL(`../../../../logs/${name}.fold`, import.meta.url));
const RAM = 0x8000_0000;
const ROUNDS = Number(process.env["FOLDVM_ROUNDS"] ?? 4);
const INSNS = 1200;

/** A number made of words in RAM, of which each says where the next lies. */
interface Chain {
  readonly first: number;
  readonly length: number;
  readonly mask: bigint;
  readonly base: number;
}

type Reader = (address: number, bytes: number) => bigint;

function along({ first, length, mask, base }: Chain, read: Reader): bigint {
  let [sum, address] = [0n, first];
  for (let index = 0; index < length; index += 1) {
    const word = read(address, 4);
    sum += word * BigInt(index + 1);
    address = base + Number(word & mask);
  }
  return sum;
}

/** What it is before the events at each icount of a range. */
function byBruteForce(recording: Recording, chain: Chain, from: number, until: number): readonly bigint[] {
  const machine = recording.openMachine();
  machine.load(recording.at(from));
  const read: Reader = (address, bytes) => {
    const { buffer } = machine.present.ram.read(address - RAM, bytes);
    return BigInt(new DataView(buffer).getUint32(0, true));
  };
  const values: bigint[] = [];
  for (let icount = from; icount <= until; icount += 1) {
    replay(machine, recording.log, icount);
    values.push(along(chain, read));
  }
  return values;
}

const valueAt = (rows: readonly Change<bigint>[], icount: number, isFirst: boolean): bigint | undefined =>
  rows.filter((row, index) => row.icount < icount || (isFirst && index === 0)).at(-1)?.value;

for (const name of ["session", "race-fails", "virtio"]) {
  test(`given ${name} and random chains of words, when their changes are asked for, then they are those of brute force`, () => {
    const recording = openRecording(log(name));
    const { instructions } = recording.info;
    const events = [...recording.log.events()].map(({ icount }) => icount);
    let changed = 0;
    // Where nothing changed by chance, some more are tried.
    for (let round = 0; round < ROUNDS || (changed === 0 && round < 20 * ROUNDS); round += 1) {
      // Where devices write, and where the machine is reset.
      const near = Math.max(0, oneOf(random, events) - random(INSNS));
      const from = Math.min(random(3) === 0 ? random(instructions) : near, instructions - INSNS);
      const until = from + INSNS;
      const touched = writes(recording, { of: { address: RAM, bytes: 2 ** 20 }, from, until }).toArray();
      const first = touched.length > 0 ? 4 * Math.floor(oneOf(random, touched).address / 4) : RAM + 4 * random(1000);
      const base = 0x1000 * Math.floor(first / 0x1000);
      const chain: Chain = { first, base, length: 1 + random(4), mask: oneOf(random, [0n, 0xffcn, 0x3cn]) };
      const where = `FOLDVM_SEED=${String(seed)}, ${name} from ${String(from)}: ${JSON.stringify(chain, (_, value: unknown) => String(value))}`;
      const rows = changes(
        recording,
        (moment) => along(chain, (address, bytes) => moment.read({ address, bytes }) as bigint),
        {
          from,
          until,
        },
      ).toArray();
      const expected = byBruteForce(recording, chain, from, until);
      const found = expected.map((_, index) => valueAt(rows, from + index, true));
      assert.equal(found, expected, where);
      rows.slice(1).forEach(({ before, value }, index) => {
        assert.is(before, rows[index]?.value, where);
        assert.is.not(before, value, where);
      });
      changed += rows.length - 1;
    }
    assert.ok(changed > 0 || name !== "race-fails", "nothing changed");
  });
}

test("given a variable, when its changes are asked for, then each is the store that made it", () => {
  const recording = openRecording(log("race-fails"));
  const rows = changes(recording, (moment) => moment.read("link:4")).toArray();
  const stores = writes(recording, { of: "link:4" }).toArray();
  assert.ok(stores.length > 10);
  assert.equal(
    rows.slice(1).map(({ icount, pc, before, value }) => [icount, pc, before, value]),
    stores
      .filter(({ before, value }) => before !== value)
      .map(({ icount, pc, before, value }) => [icount, pc, before, value]),
  );
  assert.equal([rows[0]?.icount, rows[0]?.pc, rows[0]?.before], [0, undefined, undefined]);
  for (let icount = 1_000_000; icount < 9_000_000; icount += 1_000_000) recording.at(icount);
  assert.equal(changes(recording, (moment) => moment.read("link:4")).last(), rows.at(-1));
});

test("given a function that goes where a variable points, when that moves, then what is written there later is seen", () => {
  const recording = openRecording(log("race-fails"));
  const LINK = 0x8000_2ed8;
  // The letter that lies at the head of the queue, which moves with each letter.
  const letterOf = (read: (offset: number) => number): number => read(12 + (read(4) % 16));
  const rows = changes(recording, (moment) =>
    letterOf((offset) => Number(moment.read({ address: LINK + offset, bytes: 1 }))),
  ).toArray();
  const bytes = recording.at(0).ram.read(LINK - RAM, 64);
  const expected = [letterOf((offset) => bytes[offset] ?? 0)];
  for (const store of writes(recording, { of: { address: LINK, bytes: 64 } }).toArray()) {
    for (let index = 0; index < store.bytes; index += 1) {
      bytes[store.address - LINK + index] = Number((store.value >> BigInt(8 * index)) & 0xffn);
    }
    const letter = letterOf((offset) => bytes[offset] ?? 0);
    if (letter !== expected.at(-1)) expected.push(letter);
  }
  assert.ok(expected.length > 10, String(expected.length));
  assert.equal(
    rows.map(({ value }) => value),
    expected,
  );
});

test("given a function that says a place, when it is asked there, then it may read registers", () => {
  const recording = openRecording(log("race-fails"));
  const all = visits(recording, { of: "link_receive" }).toArray();
  const rows = changes(recording, (moment) => moment.icount, { at: "link_receive" }).toArray();
  assert.equal(
    rows.map(({ icount, value, pc }) => [icount, value, pc]),
    all.map(({ icount, pc }) => [icount, icount, pc]),
  );
});

test("given a line, when a function is asked there, then it may read the variables of its function", () => {
  const recording = openRecording(log("race-fails"));
  const [row] = changes(recording, (moment) => moment.read("c"), { at: "uart.c:47" }).toArray();
  assert.equal([row?.function, row?.value], ["uart_put", 13n]);
});

test("given a function that is asked somewhere, when it gets ready, then its names are those there, and only they are tried", () => {
  const recording = openRecording(log("race-fails"));
  const ready = (valueOf: (moment: MomentView) => unknown, at: string): number =>
    [...changes(recording, valueOf, { at }).ready()].length;
  ready((moment) => moment.read("waiting + room"), "link.c:24");
  ready(() => {
    throw new RangeError("nothing is there yet");
  }, "link_read");
  assert.throws(() => ready((moment) => moment.read("waiting"), "link_receive"), /there is no waiting/);
  assert.throws(() => ready((moment) => moment.read("link.nothing"), "link_read"), /has no member nothing/);
});

test("given a function that reads what changes at each instruction, or fails, then it says so, and the next question is answered", () => {
  const recording = openRecording(log("race-fails"));
  const refused = (what: string, read: (moment: MomentView) => unknown): void => {
    assert.throws(
      () => changes(recording, read).toArray(),
      (fault: unknown) =>
        fault instanceof UntrackedError &&
        fault.message.startsWith(`${what} may change`) &&
        fault.message.includes("say where to ask, as in { at:"),
      what,
    );
  };
  for (const name of ["position", "seq", "icount", "ns", "hart", "pc", "function", "task"] as const)
    refused(`moment.${name}`, (moment) => moment[name]);
  refused("moment.taskOf()", (moment) => moment.taskOf(0));
  refused("moment.stack()", (moment) => moment.stack());
  for (const register of ["pc", "a0", "fa0", "mepc"])
    refused(`the register ${register}`, (moment) => moment.read(`$${register}`));
  let calls = 0;
  const failing = changes(recording, (moment) => {
    moment.read("link:4");
    if ((calls += 1) === 3) throw new RangeError("third");
  });
  assert.throws(() => failing.toArray(), /third/);
  assert.ok(changes(recording, (moment) => moment.read("link:4")).first());
});

test("given a place that is written a lot beside others, then the function is called where its own is written", () => {
  const recording = openRecording(log("race-fails"));
  let calls = 0;
  const rows = changes(recording, (moment) => {
    calls += 1;
    return moment.read("link:4");
  }).toArray();
  assert.ok(calls <= 2 * rows.length + 2, `${String(calls)} calls, ${String(rows.length)} rows`);
});

test.run();
