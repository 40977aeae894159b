/** A trace for Perfetto, decoded by its protos: what the rows tell is on the tracks, and slices lie in each other. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { perfettoQuestion, toPerfetto, type FormRows } from "../../../../src/streams/forms/index.js";
import { calls, output, traps } from "../../../../src/streams/past/query/index.js";
import { MAX_LANES } from "../../../../src/streams/forms/perfetto/lanes.js";
import { rows } from "../../../../src/streams/rows/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { decodedTrace, type Decoded } from "./decoded.js";

async function traceOf(source: FormRows): Promise<Decoded> {
  const pieces: Uint8Array[] = [];
  for await (const piece of toPerfetto(source)) pieces.push(piece);
  return decodedTrace(new Uint8Array(Buffer.concat(pieces)));
}

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
  const { counters } = await trace;
  assert.ok(counters.length >= 2);
  assert.ok(counters.every(({ value }) => value >= 0n && value <= 1000n));
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

test("given notifications of a device and its answers, then requests are slices between them", async () => {
  const notify = (ns: number): never =>
    at(ns, { kind: "devices", device: "virtio2", access: "store", address: 0x1000_3050, value: 0n });
  const answer = (ns: number): never => at(ns, { kind: "input", type: "virtioBlk/requestCompleted", slot: 2 });
  const { shown } = await traceOf([notify(10), notify(20), answer(30), answer(40)]);
  assert.equal(
    shown.filter(({ category }) => category === "device").map(({ ns, endNs, track }) => [track, ns, endNs]),
    [
      ["virtio2 requests", 10n, 30n],
      ["virtio2 requests (2)", 20n, 40n],
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
