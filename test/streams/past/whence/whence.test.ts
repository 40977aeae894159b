/** Values are followed back to what made them: bytes typed, readings, entropy, images, constants. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { at } from "../../../../src/streams/past/query/at.js";
import { writes } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { finished } from "../../../../src/streams/past/whence/steps.js";
import { sourceTree, treeLines, treeRows, whence, type Source } from "../../../../src/streams/past/whence/index.js";
import { MAX_WHENCE_BYTES } from "../../../../src/streams/past/whence/spots-named.js";
import { HARTS_ELF, HARTS_MEMORY } from "../../../support/harts-guest.js";
import { recorded } from "../../../support/recorded.js";
import { History, MAX_BLOCKS } from "../../../../src/streams/past/whence/history.js";
import { MAX_KNOWN_SOURCES, Resolver } from "../../../../src/streams/past/whence/resolver.js";
import { Describer } from "../../../../src/streams/past/whence/describe.js";

const logs = fileURLToPath(new URL("../../../../logs", import.meta.url));
const open = (name: string): ReturnType<typeof openRecording> => openRecording(join(logs, `${name}.fold`));

/** Where a tree ends. */
function leavesOf(source: Source, seen = new Set<Source>()): Source[] {
  if (seen.has(source)) return [];
  seen.add(source);
  const sources = source.sources();
  return sources.length === 0 ? [source] : sources.flatMap((one) => leavesOf(one, seen));
}

const letters = "abcdefghijklmnopqrstuvwx";
const LINK = 0x8000_2ed8;

test("given the letters that the demo received, when each is followed, then it leads to the event that brought it", () => {
  const moment = at(open("race-fails"));
  letters.split("").forEach((letter, index) => {
    const source = whence(moment, { address: LINK + 24 + index, bytes: 1 });
    const [event, ...more] = leavesOf(source);
    assert.equal(more, []);
    assert.is(event?.kind, "event");
    assert.is(event?.place, "uart16550/byteReceived");
    assert.is(event?.value, BigInt(letter.charCodeAt(0)));
    assert.is(source.value, event?.value);
  });
});

/** The nearest sources that lay at the same place: what was read there to make the value. */
function readThere(source: Source): readonly Source[] {
  const found = new Set<Source>();
  const seen = new Set<Source>();
  const follow = (one: Source): void => {
    if (seen.has(one)) return;
    seen.add(one);
    if (one.place === source.place) found.add(one);
    else for (const next of one.sources()) follow(next);
  };
  for (const one of source.sources()) follow(one);
  return [...found];
}

test("given the demo's FAIL on the console, when the count is followed back, then the two that raced are found: a store of an old value, and the byte whose increment it overwrote", () => {
  const recording = open("race-fails");
  const failed = at(recording, { text: "FAIL" });
  const counts = writes(recording, { of: { address: LINK, bytes: 4 }, until: failed.position }).toArray();
  let lost: Source | undefined;
  for (const { function: name, before, icount } of [...counts].reverse()) {
    if (name !== "link_read" || before === 0n) continue;
    const store = whence(at(recording, icount + 1), { address: LINK, bytes: 4 });
    const replaced = store.replaced();
    assert.ok(replaced);
    if (readThere(store).includes(replaced)) continue;
    lost = store;
    break;
  }
  assert.is(lost?.function, "link_read");
  assert.is(lost?.at?.icount, 8_400_291);
  const overwritten = lost?.replaced();
  assert.is(overwritten?.function, "link_receive");
  const trap = overwritten?.conditions().find(({ kind }) => kind === "trap");
  assert.is(trap?.text, "mei");
  const [event] = trap?.sources() ?? [];
  assert.is(event?.place, "uart16550/byteReceived");
  assert.is(event?.value, BigInt("s".charCodeAt(0)));
  assert.equal([event?.at?.seq, event?.at?.icount], [35, 8_400_000]);
  // It came while the old count was held: between the read and the store.
  const [read] = readThere(lost as Source);
  assert.ok((read?.at?.icount ?? Infinity) < (event?.at?.icount ?? 0));
});

test("given a value of several stores, when it is followed, then each piece has its maker, and equal neighbours are one", () => {
  const source = whence(at(open("race-fails")), { address: LINK, bytes: 28 });
  assert.is(source.kind, "pieces");
  const shown = source.sources().map(({ place, value, function: name }) => `${place} ${String(value)} ${String(name)}`);
  assert.equal(shown.slice(0, 5), [
    "link.count 0 link_read",
    "link.head 24 link_receive",
    "link.tail 23 link_read",
    "link+0xc:4 0 _start",
    "link.last_arrival 96000 link_receive",
  ]);
  assert.is(source.sources()[5]?.place, "link.bytes[0]");
  assert.is(source.value & 0xffff_ffffn, 0n);
  assert.is((source.value >> 192n) & 0xffn, BigInt("a".charCodeAt(0)), "the pieces make the whole");
});

test("given a reading of mtime, when it is followed, then it leads to the virtual clock", () => {
  const source = whence(at(open("race-fails")), { address: LINK + 16, bytes: 8 });
  const [clock, ...more] = leavesOf(source);
  assert.equal(more, []);
  assert.is(clock?.kind, "input");
  assert.is(clock?.place, "virtual clock");
});

test("given readings of the host's clock, when the register that holds one is followed, then it leads to its event", () => {
  const recording = open("clock");
  const readings = [...recording.eventsFrom()].filter(({ type }) => type === "goldfishRtc/hostClockRead");
  assert.is(readings.length, 4);
  for (const { seq, icount } of readings) {
    // The instruction waited for it, and then retired.
    const source = whence(at(recording, { seq, icount: icount + 1 }), "t0");
    const other = whence(at(recording, { seq, icount: icount + 1 }), "t1");
    const loaded = [source, other].flatMap((one) => leavesOf(one)).find(({ kind }) => kind === "event");
    assert.is(loaded?.at?.seq, seq, `${treeLines(source).join("\n")}\n${treeLines(other).join("\n")}`);
  }
});

test("given bytes that devices copied into memory, when they are followed, then they lead to the events that brought them", () => {
  const recording = open("virtio");
  const types = new Set<string>();
  for (const event of [...recording.eventsFrom()]) {
    const bytes = Object.values(event).find((field): field is Uint8Array => field instanceof Uint8Array);
    if (bytes === undefined || bytes.length === 0) continue;
    const copied = writes(recording, {
      of: { address: 0x8000_0000, bytes: 2 ** 20 },
      from: { seq: event.seq - 1, icount: event.icount },
      until: { seq: event.seq },
    })
      .toArray()
      .filter(({ by, bytes: length }) => by === "device" && length === bytes.length);
    for (const { address } of copied) {
      const source = whence(at(recording, { seq: event.seq }), { address: address + bytes.length - 1, bytes: 1 });
      if (source.kind !== "copied") continue;
      const [leaf, ...more] = leavesOf(source);
      assert.equal(more, []);
      assert.is(leaf?.at?.seq, event.seq);
      assert.is(leaf?.value, BigInt(bytes.at(-1) ?? 0));
      types.add(leaf?.place ?? "");
    }
  }
  assert.equal([...types].sort(), ["virtioConsole/bytesReceived", "virtioRng/entropyProvided"]);
});

test("given what nobody wrote, when it is followed, then it lay in an image, or is zero", () => {
  const moment = at(open("race-fails"));
  const code = whence(moment, { address: 0x8000_0000, bytes: 8 });
  assert.is(code.kind, "image");
  assert.match(code.text, /^kernel .*demo\.elf\+0x[0-9a-f]+$/);
  assert.is(whence(moment, { address: 0x8030_0000, bytes: 8 }).kind, "zero");
  assert.is(whence(moment, { address: 0x1000, bytes: 4 }).text, "the mask ROM");
  assert.is(whence(at(open("race-fails"), 0), "s5").kind, "reset");
});

test("given a machine that was reset, when a place is followed that was written before only, then the reset put it there", () => {
  const recording = open("session");
  const reset = [...recording.eventsFrom()].find(({ type }) => type === "machine/reset");
  assert.ok(reset);
  const before = at(recording, { seq: reset.seq - 1, icount: reset.icount });
  const after = at(recording, { seq: reset.seq });
  assert.is(whence(before, "sp").kind, "instruction");
  assert.is(whence(after, "sp").kind, "reset");
  const nobodys = { address: 0x8030_0000, bytes: 8 };
  assert.match(whence(before, nobodys).text, /^never written$/);
  assert.is(
    whence(after, nobodys).text,
    `not written since the reset at icount ${String(reset.icount)} seq ${String(reset.seq)}`,
  );
});

test("given an address, when it is asked for, then what it was made of is told", () => {
  const recording = open("race-fails");
  const [first] = writes(recording, { of: { address: LINK + 24, bytes: 1 } })
    .toArray()
    .slice(-1);
  assert.ok(first);
  const source = whence(at(recording, first.icount + 1), { address: LINK + 24, bytes: 1 });
  assert.equal(
    source.addresses().map(({ place }) => place),
    ["a5"],
  );
  const marked = treeLines(source, { depth: 1, addresses: true });
  assert.ok(
    marked.some((line) => line.includes("@ a5")),
    marked.join("\n"),
  );
});

test("given places that can't be followed, when they are asked for, then the error says why", () => {
  const moment = at(open("race-fails"), 1000);
  const fails = (place: Parameters<typeof whence>[1], pattern: RegExp, hart?: number): void => {
    assert.throws(
      () => whence(moment, place, { hart }),
      (fault: Error) => fault.name === "PlaceError" && pattern.test(fault.message),
    );
  };
  fails("zero", /always zero/);
  fails("pc", /where the hart stands/);
  fails("$time", /no instruction writes it/);
  fails({ address: 0x8000_0000, bytes: MAX_WHENCE_BYTES + 1 }, /4097 bytes, and at most 4096/);
  fails("lnk", /link/);
  fails("a0", /there is no hart 1/, 1);
  assert.is(whence(moment, { address: 0x8000_0000, bytes: MAX_WHENCE_BYTES }).kind, "image");
});

test("given a bound of instructions, when a writer lies beyond it, then the node says so", () => {
  const cleared = { address: LINK + 12, bytes: 4 };
  const source = whence(at(open("race-fails")), cleared, { maxInsns: 100_000 });
  assert.is(source.kind, "unknown");
  assert.match(source.text, /allow more/);
  assert.is(whence(at(open("race-fails")), cleared).function, "_start");
});

test("given bounds of a tree, when it is told, then what is near the root is told, and where it is cut is marked", () => {
  const source = whence(at(open("race-fails")), { address: LINK, bytes: 28 });
  assert.is(treeRows(source, { depth: 0 }).length, 1);
  assert.is(treeRows(source, { depth: 0 })[0]?.isCut, true);
  const rows = treeRows(source, { depth: 3, nodes: 12 });
  assert.ok(rows.length <= 12);
  assert.ok(rows.every(({ depth }) => depth <= 3));
  assert.ok(rows.some(({ isCut }) => isCut));
  assert.equal(
    rows.map(({ id }) => id),
    rows.map((_, index) => index),
    "in the order of a walk",
  );
  assert.ok(rows.every(({ parent, depth }) => parent === undefined || rows[parent]?.depth === depth - 1));
});

const everything = { depth: 6, addresses: true, conditions: true };

test("given a tree that grows in turns, when it is whole, then it is the one that grows at once", async () => {
  const moment = at(open("race-fails"), { text: "FAIL" });
  const tree = sourceTree(moment, "link.count", everything);
  assert.equal(tree.rows(), []);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const heard: number[] = [];
  assert.is(await tree.grow({ progress: (nodes) => heard.push(nodes) }), true);
  clearInterval(timer);
  assert.ok(turns > 0, "the host has its turns");
  assert.equal(
    heard,
    [...heard].sort((a, b) => a - b),
  );
  assert.equal(tree.rows(), treeRows(whence(moment, "link.count"), everything));
  assert.equal(tree.lines(), treeLines(whence(moment, "link.count"), everything));
});

test("given a tree that is ended at any stretch, when it goes on, then it is whole all the same", async () => {
  const moment = at(open("race-fails"), { text: "FAIL" });
  const whole = treeRows(whence(moment, "link.count"), everything);
  const tree = sourceTree(moment, "link.count", everything);
  let size = 0;
  for (let isWhole = false; !isWhole;) {
    const ending = new AbortController();
    let heard = 0;
    const progress = (): void => {
      heard += 1;
      if (heard === 60) ending.abort();
    };
    isWhole = await tree.grow({ signal: ending.signal, progress });
    const rows = tree.rows();
    assert.is(rows.length, tree.size);
    assert.ok(tree.size >= size, "what was found stays");
    if (!isWhole && size > 0) assert.ok(rows.some(({ isCut }) => isCut));
    size = tree.size;
  }
  assert.equal(tree.rows(), whole);
});

test("given a machine of several harts, when a tree is told, then each line says which one did it", async () => {
  const machine = { memory: HARTS_MEMORY, kernel: HARTS_ELF, append: "lock-amo", smp: 2, seed: "x" };
  const moment = at(await recorded(machine), 5000);
  for (const hart of [0, 1]) {
    const [line] = treeLines(whence(moment, "sp", { hart }), { depth: 0 });
    assert.match(line ?? "", new RegExp(`^sp = .* hart ${String(hart)}\\b`));
  }
  const [alone] = treeLines(whence(at(open("race-passes")), "sp"), { depth: 0 });
  assert.not.match(alone ?? "", /hart/);
});

test("given few places that are remembered, when a tree is told, then it is the same tree", () => {
  const recording = open("race-fails");
  const moment = at(recording, 8_400_292);
  const tree = (blocks: number, known: number): readonly string[] => {
    const resolver = new Resolver(
      recording,
      new History(recording, Infinity, blocks),
      new Describer(recording.names, recording.config),
      known,
    );
    const cut = { ...moment.position, hart: 0, deeds: 0 };
    const source = finished(resolver.resolve({ kind: "memory", address: LINK, bytes: 4, virtual: undefined }, cut));
    return treeRows(source, { depth: 6 }).map(
      ({ place, kind, at: when }) => `${place} ${kind} ${String(when?.icount)}`,
    );
  };
  assert.equal(tree(1, 1), tree(MAX_BLOCKS, MAX_KNOWN_SOURCES));
});

test("given a tree, when it is asked for, then the recording stays as it is", () => {
  const recording = open("race-passes");
  treeRows(whence(at(recording), "a0"), { depth: 4, conditions: true, addresses: true });
  assert.is(recording.at().ram.digest, open("race-passes").at().ram.digest);
});

test.run();
