/** A trace for Perfetto, decoded by its protos: what the rows tell is on the tracks, and slices lie in each other. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { perfettoQuestion, toPerfetto, type FormRows } from "../../../../src/streams/forms/index.js";
import { calls, output, printed, traps } from "../../../../src/streams/past/query/index.js";
import { MAX_LANES } from "../../../../src/streams/forms/perfetto/lanes.js";
import { rows } from "../../../../src/streams/rows/index.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { withDisk } from "../../../support/indexed-recordings.js";
import { decodedTrace, type Decoded } from "./decoded.js";

async function traceOf(source: FormRows): Promise<Decoded> {
  const pieces: Uint8Array[] = [];
  for await (const piece of toPerfetto(source)) pieces.push(piece);
  return decodedTrace(new Uint8Array(Buffer.concat(pieces)));
}

const traceAnew = (asked: Recording): Promise<Decoded> =>
  traceOf(rows(asked, { questions: { perfetto: perfettoQuestion(asked) } }));

const recording = openRecording("logs/race-fails.fold");
const trace = traceOf(rows(recording, { questions: { perfetto: perfettoQuestion(recording, { calls: /^link_/ }) } }));

const shownOf = async (category: string): Promise<Decoded["shown"]> =>
  (await trace).shown.filter((one) => one.category === category);

test("given a recording, then lines of its console and its inputs are instants", async () => {
  assert.equal(
    (await shownOf("console")).map(({ ns, name, endNs }) => [ns, name, endNs]),
    output(recording)
      .toArray()
      .map(({ ns, text }) => [ns, text, undefined]),
  );
  assert.equal(
    (await shownOf("input")).map(({ ns, name }) => [ns, name]),
    [...recording.eventsFrom()]
      .filter(({ type }) => type === "uart16550/byteReceived")
      .map(({ ns, type }) => [ns, type]),
  );
});

test("given the same, then traps and calls are slices until they return, and say where they are", async () => {
  const taken = traps(recording, { results: true }).toArray();
  assert.equal(
    [...(await shownOf("interrupt")), ...(await shownOf("exception"))].map((one) => [one.ns, one.endNs, one.name]),
    taken.map(({ ns, returned, cause }) => [ns, returned?.ns, cause]),
  );
  const called = calls(recording, { of: /^link_/, results: true }).toArray();
  const found = await shownOf("call");
  assert.equal(
    found.map((one) => [one.ns, one.endNs, one.name, one.notes["icount"]]),
    called.map((row) => [row.ns, row.returned?.ns, row.function, BigInt(row.icount)]),
  );
  assert.ok(found.length > 5 && taken.length > 5);
});

test("given the same, then a counter tells how fast the guest ran", async () => {
  const mips = (await trace).counters.filter(({ name }) => name === "guest MIPS");
  assert.ok(mips.length >= 2);
  assert.ok(mips.every(({ value }) => value >= 0n && value <= 1000n));
});

/** What a counter of a second amounts to, over its stretches of 5 ms; none begins before the one before it. */
function amountOf({ counters }: Decoded, name: string): number {
  const own = counters.filter((one) => one.name === `${name}/s`);
  assert.ok(own.length > 0, name);
  own.forEach(({ ns }, index) => {
    assert.is(ns % 5_000_000n, 0n);
    assert.ok(index === 0 || ns > (own[index - 1]?.ns ?? 0n), `${name}: two at ${String(ns)}`);
  });
  assert.is(own.at(-1)?.value, 0n);
  return own.reduce((sum, { value }) => sum + Number(value) / 200, 0);
}

for (const name of ["race-fails", "virtio", "session"])
  test(`given the recording ${name}, then its counters amount to all that happened`, async () => {
    const other = openRecording(`logs/${name}.fold`);
    const decoded = await traceAnew(other);
    const events = [...other.eventsFrom()];
    const taken = traps(other).toArray();
    const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
    const typed = events.map((event) => {
      if (event.type === "uart16550/byteReceived") return 1;
      return event.type === "virtioConsole/bytesReceived" ? event.bytes.length : 0;
    });
    const expected = {
      interrupts: taken.filter(({ isInterrupt }) => isInterrupt).length,
      "console bytes out": sumOf(
        printed(other)
          .toArray()
          .map(({ text }) => text.length),
      ),
      "console bytes in": sumOf(typed),
      "network bytes in": sumOf(
        events.map((event) => (event.type === "virtioNet/frameReceived" ? event.frame.length : 0)),
      ),
    };
    for (const [counter, amount] of Object.entries(expected))
      if (amount > 0) assert.is(amountOf(decoded, counter), amount, counter);
    assert.ok(expected["console bytes out"] > 0);
  });

test("given rows of one kind that are behind those of another, then each counter is in order all the same", async () => {
  const { counters } = await traceOf([
    at(1, { kind: "traps", cause: "sti", isInterrupt: true, returned: undefined }),
    at(12_000_000, { kind: "traps", cause: "sti", isInterrupt: true, returned: undefined }),
    at(2, { kind: "requests", device: "virtio1", action: "write", bytes: 512, id: 1 }),
    at(6_000_000, { kind: "requests", device: "virtio1", action: "write", bytes: 1024, id: 2 }),
  ]);
  const rateOf = (name: string): unknown => counters.filter((one) => one.name === name).map((c) => [c.ns, c.value]);
  assert.equal(rateOf("interrupts/s"), [
    [0n, 200n],
    [5_000_000n, 0n],
    [10_000_000n, 200n],
    [15_000_000n, 0n],
  ]);
  assert.equal(rateOf("disk bytes written/s"), [
    [0n, 102_400n],
    [5_000_000n, 204_800n],
    [10_000_000n, 0n],
  ]);
});

const at = (ns: number, more: object): never => ({ seq: 1, icount: ns, ns: BigInt(ns), hart: 0, ...more }) as never;
const task = (pid: number, comm: string, tgid = pid): { pid: number; tgid: number; comm: string } => ({
  pid,
  tgid,
  comm,
});

test("given switches and system calls, then harts show who runs, and threads what they ask for", async () => {
  const { shown, tasks } = await traceOf([
    at(10, { kind: "switches", ...task(7, "sh"), previous: task(0, "swapper/0") }),
    at(20, {
      kind: "syscalls",
      number: 63,
      name: "read",
      args: [3n],
      ...task(7, "sh"),
      returned: { ns: 60n, value: -4n },
    }),
    at(30, { kind: "switches", ...task(8, "cat", 7), previous: task(7, "sh") }),
    at(50, { kind: "switches", ...task(7, "dash"), previous: task(8, "cat", 7) }),
    at(70, { kind: "syscalls", number: 93, name: undefined, args: [0n], ...task(7, "dash"), returned: undefined }),
    at(90, { kind: "switches", ...task(0, "swapper/0"), previous: task(7, "dash") }),
  ]);
  assert.equal(
    shown.map(({ track, name, ns, endNs }) => [
      track,
      name,
      Number(ns),
      endNs === undefined ? undefined : Number(endNs),
    ]),
    [
      ["hart 0", "sh 7", 10, 30],
      ["task 7/7", "read", 20, 60],
      ["hart 0", "cat 8", 30, 50],
      ["hart 0", "dash 7", 50, 90],
      ["task 7/7", "system call 93", 70, undefined],
    ],
  );
  assert.equal(
    [...tasks],
    [
      ["7", "dash"],
      ["7/7", "dash"],
      ["7/8", "cat"],
    ],
  );
  assert.equal(shown[1]?.notes, { seq: 1n, icount: 20n, a0: 3n, result: -4n });
});

/** A switch on a hart, from one task to another, as the question has it. */
const switched = (ns: number, previous: object, next: object, hart = 0): never =>
  at(ns, { kind: "switches", hart, priority: 120, ...next, previous: { priority: 120, ...previous } });

test("given switches, then the scheduler's table has who ran where, until when, and why no longer", async () => {
  const [idle, sh, cat] = [task(0, "swapper/0"), task(7, "sh"), task(8, "cat", 7)];
  const { scheduled } = await traceOf([
    switched(10, { ...idle, state: "R" }, sh),
    switched(20, { ...sh, state: "R" }, { ...cat, priority: 98 }),
    switched(25, { ...idle, state: "R" }, sh, 1),
    switched(30, { ...cat, state: "S" }, idle),
    switched(50, { ...sh, state: "I" }, cat, 1),
    switched(60, { ...idle, state: "R" }, sh),
  ]);
  assert.equal(
    scheduled.map((one) => [one.cpu, one.comm, one.priority, one.ns, one.endNs, one.endState].map(String).join(" ")),
    [
      "0 sh 120 10 20 R",
      "0 cat 98 20 30 S",
      "1 sh 120 25 50 D",
      "1 cat 120 50 undefined undefined",
      "0 sh 120 60 undefined undefined",
    ],
  );
});

test("given a zombie and another task with its number, then the zombie is gone before that one runs", async () => {
  const [sh, child] = [task(7, "sh"), task(9, "child")];
  const { scheduled } = await traceOf([
    switched(10, { ...sh, state: "S" }, child),
    switched(20, { ...child, state: "Z" }, sh),
    switched(30, { ...sh, state: "S" }, { ...child, comm: "another" }),
    switched(40, { ...child, comm: "another", state: "X" }, sh),
  ]);
  assert.equal(
    scheduled.map((one) => `${one.comm} ${String(one.endState)}`),
    ["child Z", "sh S", "another X", "sh undefined"],
  );
});

test("given a kernel that does not tell why a task was left, then the scheduler's table is empty", async () => {
  const { scheduled, shown } = await traceOf([
    switched(10, task(7, "sh"), task(8, "cat")),
    switched(20, task(8, "cat"), task(7, "sh")),
  ]);
  assert.equal(scheduled, []);
  assert.is(shown.length, 1);
});

test("given slices that overlap and lie in no other, then each is whole, on a track beside the first", async () => {
  const trap = (ns: number, endNs: number): never =>
    at(ns, { kind: "traps", cause: `to ${String(endNs)}`, isInterrupt: true, returned: { ns: BigInt(endNs) } });
  const { shown } = await traceOf([trap(0, 50), trap(10, 40), trap(20, 60), trap(30, 40), trap(60, 70)]);
  assert.equal(
    shown.map(({ track, name, endNs }) => [track, name, endNs]),
    [
      ["hart 0 traps", "to 50", 50n],
      ["hart 0 traps", "to 40", 40n],
      ["hart 0 traps (2)", "to 60", 60n],
      ["hart 0 traps", "to 40", 40n],
      ["hart 0 traps", "to 70", 70n],
    ],
  );
});

test("given requests of a device and its answers in another order, then each is a slice of its own, by its id", async () => {
  const asks = (ns: number, id: number): never =>
    at(ns, { kind: "requests", device: "virtio2", action: "read", bytes: 512, id, offset: 1024 * id });
  const answer = (ns: number, id: number): never =>
    at(ns, { kind: "input", type: "virtioBlk/requestCompleted", slot: 2, id });
  const { shown } = await traceOf([asks(10, 1), asks(20, 2), answer(30, 2), answer(40, 1), asks(40, 3), answer(50, 3)]);
  const requests = shown.filter(({ category }) => category === "device");
  assert.equal(
    requests.map(({ name, ns, endNs, track }) => [name, track, ns, endNs]),
    [
      ["read", "virtio2 requests (2)", 10n, 40n],
      ["read", "virtio2 requests", 20n, 30n],
      ["read", "virtio2 requests", 40n, 50n],
    ],
  );
  assert.equal(requests[0]?.notes, { seq: 1n, icount: 10n, bytes: 512n, offset: 1024n });
});

test("given a recording with a disk, then each answer ends a request of what it has, and the bytes are counted", async () => {
  const disk = await withDisk();
  const decoded = await traceAnew(disk);
  const answers = [...disk.eventsFrom()].filter(({ type }) => type === "virtioBlk/requestCompleted");
  const found = decoded.shown.filter(({ category }) => category === "device");
  assert.equal(found.map(({ endNs }) => endNs).sort(), answers.map(({ ns }) => ns).sort());
  const ofAction = (action: string): number => found.filter(({ name }) => name === action).length;
  assert.equal([ofAction("read"), ofAction("write"), found.length], [5, 5, 10]);
  assert.equal([amountOf(decoded, "disk bytes read"), amountOf(decoded, "disk bytes written")], [5 * 512, 5 * 512]);
});

test("given a recording with a source of entropy, then each answer ends a request", async () => {
  const { shown } = await traceAnew(openRecording("logs/virtio.fold"));
  const found = shown.filter(({ category }) => category === "device");
  assert.equal([...new Set(found.map(({ name }) => name))], ["entropy"]);
  assert.is(
    found.length,
    [...openRecording("logs/virtio.fold").eventsFrom()].filter(({ type }) => type === "virtioRng/entropyProvided")
      .length,
  );
});

test("given a line in UTF-8, then its name has the letters; bytes that are none are marked as such", async () => {
  const line = (bytes: Uint8Array | Buffer): never =>
    at(1, { kind: "output", port: "uart16550", text: Buffer.from(bytes).toString("latin1") });
  const { shown } = await traceOf([line(Buffer.from("● système")), line(Uint8Array.of(97, 0xe2, 0x97, 98))]);
  assert.equal(
    shown.map(({ name }) => name),
    ["● système", "a\ufffdb"],
  );
});

test("given requests that are answered together, then none lies in another", async () => {
  const asks = (ns: number, id: number): never =>
    at(ns, { kind: "requests", device: "virtio2", action: "read", bytes: 512, id, offset: 0 });
  const answer = (ns: number, id: number): never =>
    at(ns, { kind: "input", type: "virtioBlk/requestCompleted", slot: 2, id });
  const { shown } = await traceOf([asks(10, 1), asks(20, 2), answer(50, 2), answer(50, 1)]);
  assert.equal(
    shown.filter(({ category }) => category === "device").map(({ ns, endNs, track }) => [track, ns, endNs]),
    [
      ["virtio2 requests (2)", 10n, 50n],
      ["virtio2 requests", 20n, 50n],
    ],
  );
});

test("given more overlapping slices than there are tracks beside each other, then the others are instants", async () => {
  const many = Array.from({ length: 20 }, (_, index) =>
    at(index, { kind: "traps", cause: "sei", isInterrupt: true, returned: { ns: BigInt(100 + index) } }),
  );
  const { shown } = await traceOf(many);
  assert.is(shown.length, many.length);
  assert.is(shown.filter(({ endNs }) => endNs !== undefined).length, MAX_LANES);
});

test.run();
