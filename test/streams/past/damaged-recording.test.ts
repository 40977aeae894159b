// A real recording with one thing in it changed, written anew with valid checksums: its replay stops at once, and says
// where and why.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Subject } from "rxjs";

import { BootError } from "../../../src/machine/boot/boot-error.js";
import { Divergence } from "../../../src/machine/divergence.js";
import type { MachineEvent, PositionedEvent } from "../../../src/reducers/events.js";
import type { GivenPositioned } from "../../../src/reducers/stream-event.js";
import { consoleBackend } from "../../../src/streams/live/backends/console.js";
import { hostClock } from "../../../src/streams/live/backends/host-clock.js";
import { ImageError } from "../../../src/streams/host/images.js";
import { LogError, memorySink, openLog } from "../../../src/streams/store/log/index.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { record } from "../../../src/streams/live/recorder.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { replay } from "../../../src/streams/past/replayer.js";
import { run } from "../../../src/streams/live/run.js";
import { DEMO_ELF, demoOptions } from "../../support/demo-guest.js";
import { partsOf, renumbered, written, type RecordingParts } from "../../support/sample-recording.js";
import { readingTheTime } from "../../support/tiny-guests.js";
import { recordTyped } from "../../support/typed-recording.js";

const CHECKPOINT_INSNS = 10_000;
/** Any replay here takes milliseconds; a hang would be minutes. */
const TIME_LIMIT_MS = 300_000;

const sink = memorySink();
const { machine } = await recordTyped(
  {
    seed: 7,
    machine: demoOptions,
    steps: [
      { awaits: "demo> ", types: "crc\nstats\n", withinMs: 2 },
      { awaits: "idle", types: "uptime\npoweroff\n", withinMs: 2 },
    ],
    sequence: { sleep: true, checkpointInsns: CHECKPOINT_INSNS },
  },
  sink,
);
const sound = partsOf(sink.bytes());
const initial = openRecording(sink.bytes()).at(0);

const clockSink = memorySink();
const CLOCK_READINGS = 5;
const clockKernel = readingTheTime(CLOCK_READINGS);
await new Promise<void>((resolve, reject) => {
  const opened = openMachine({ ...demoOptions, kernel: clockKernel });
  run(opened.machine, [consoleBackend({ input$: new Subject() }), hostClock()], { checkpointInsns: 100 })
    .pipe(record(opened.machine, clockSink, opened.header))
    .subscribe({ complete: resolve, error: reject });
});
const soundClock = partsOf(clockSink.bytes());

type Fault = Divergence | LogError | ImageError | BootError;

/** What opening and replaying the bytes comes to; throws what is no typed error, and where it takes too long. */
const faultOf = (bytes: Uint8Array, images: Record<string, string | Uint8Array> = {}): Fault | undefined => {
  const startMs = performance.now();
  try {
    openRecording(bytes, { images }).at();
    return undefined;
  } catch (fault) {
    if (
      fault instanceof Divergence ||
      fault instanceof LogError ||
      fault instanceof ImageError ||
      fault instanceof BootError
    )
      return fault;
    throw fault;
  } finally {
    assert.ok(performance.now() - startMs < TIME_LIMIT_MS, "it took too long");
  }
};

/** The damage must be found, at the latest at the first state hash from event `from` on, in words that say where. */
const divergenceOf = (parts: RecordingParts, from: number): Divergence => {
  const log = openLog(written(parts));
  machine.load(initial);
  const startMs = performance.now();
  try {
    replay(machine, log);
  } catch (fault) {
    if (!(fault instanceof Divergence)) throw fault;
    assert.ok(performance.now() - startMs < TIME_LIMIT_MS, "it took too long");
    const { seq, icount, field, expected, actual, message } = fault;
    for (const part of [`seq ${String(seq)}, icount ${String(icount)}`, field, expected, actual])
      assert.ok(message.includes(part), `${message} does not name ${part}`);
    assert.is.not(expected, actual);
    const hash = parts.events.find(({ seq: at, event }) => at >= from && event.type === "checkpoint/hashed");
    const latest = hash?.seq ?? parts.events.length + 1;
    assert.ok(seq <= latest, `event ${String(from)} was changed, and it was noticed at ${String(seq)}: ${message}`);
    return fault;
  }
  throw new Error(`event ${String(from)} was changed, and the replay accepted it`);
};

const change = (index: number, changed: Partial<GivenPositioned>): RecordingParts => ({
  ...sound,
  events: sound.events.map((event, at) => (at === index ? { ...event, ...changed } : event)),
});

const without = (index: number): RecordingParts =>
  renumbered({ ...sound, events: sound.events.filter((_, at) => at !== index) });

const withInserted = (index: number, event: MachineEvent): RecordingParts => {
  const { icount } = sound.events[index]!;
  return renumbered({ ...sound, events: sound.events.toSpliced(index, 0, { seq: 0, icount, event }) });
};

const indexesOf = (type: MachineEvent["type"], parts: RecordingParts = sound): number[] =>
  parts.events.flatMap(({ event }, index) => (event.type === type ? [index] : []));

const withMachine = (changed: Record<string, unknown>): Uint8Array =>
  written({ ...sound, header: { ...sound.header, machine: { ...(sound.header.machine as object), ...changed } } });

test("given the recording as it was, then it replays, written anew too: the other cases fail for their own reason", () => {
  assert.is(faultOf(sink.bytes()), undefined);
  assert.is(faultOf(written(sound)), undefined);
  assert.is(faultOf(written(soundClock), { kernel: clockKernel }), undefined);
  for (const type of ["clock/warped", "clint/timerFired", "uart16550/byteReceived", "checkpoint/hashed"] as const)
    assert.ok(indexesOf(type).length > 3, type);
  assert.is(indexesOf("goldfishRtc/hostClockRead", soundClock).length, CLOCK_READINGS);
});

for (const [by, name] of [
  [1, "more"],
  [-1, "less"],
] as const) {
  test(`given an instruction count that is one ${name}, whichever event's, then it diverges`, () => {
    for (const [index, { seq, icount }] of sound.events.entries()) {
      const before = sound.events[index - 1]?.icount ?? 0;
      const after = sound.events[index + 1]?.icount ?? Infinity;
      if (icount + by < before || icount + by > after || icount + by > sound.end!.icount) continue;
      divergenceOf(change(index, { icount: icount + by }), seq);
    }
  });
}

test("given an event deleted and the rest renumbered, whichever it is, then it diverges", () => {
  for (const [index, { event }] of sound.events.entries()) {
    // A state hash less is a state hash less: nothing else was changed.
    if (event.type === "checkpoint/hashed") continue;
    divergenceOf(without(index), index + 1);
  }
});

test("given a timer's event deleted, then the error says which event is due", () => {
  for (const index of indexesOf("clint/timerFired").slice(0, 20)) {
    const { seq, icount, actual } = divergenceOf(without(index), index + 1);
    assert.equal({ seq, icount }, { seq: index + 1, icount: sound.events[index]!.icount });
    assert.match(actual, /clint\/timerFired.*due/);
  }
});

test("given an event deleted and the rest not renumbered, then the gap is named", () => {
  const [index] = indexesOf("clint/timerFired");
  const parts = { ...sound, events: sound.events.filter((_, at) => at !== index) };
  try {
    written(parts);
    assert.unreachable();
  } catch (fault) {
    assert.ok(fault instanceof LogError && fault.code === "OUT_OF_ORDER" && fault.seq === index! + 2);
  }
  // And for whoever brings events from elsewhere:
  machine.load(initial);
  const log = {
    ...openLog(sink.bytes()),
    end: sound.end,
    events: () => parts.events.values() as Generator<PositionedEvent, void>,
  };
  try {
    replay(machine, log);
    assert.unreachable();
  } catch (fault) {
    assert.ok(fault instanceof Divergence);
    assert.is(fault.field, "seq");
    assert.is(fault.seq, index! + 2);
  }
});

test("given an extra event, of whichever kind and wherever, then it diverges", () => {
  const extra: readonly MachineEvent[] = [
    { type: "clint/timerFired", hart: 0 },
    { type: "clock/warped", byNs: 1n },
    { type: "uart16550/byteReceived", byte: 0x41 },
    { type: "bottomHalf/ran", id: "virtio0/queue0" },
    { type: "bottomHalf/ran", id: "nonsense" },
    { type: "goldfishRtc/hostClockRead", hostNs: 5n },
    { type: "virtioRng/entropyProvided", slot: 0, bytes: Uint8Array.of(1) },
    { type: "virtioRng/entropyProvided", slot: 200, bytes: Uint8Array.of(1) },
    { type: "virtioConsole/bytesReceived", slot: 0, bytes: Uint8Array.of(1) },
    { type: "virtioConsole/bytesReceived", slot: 99, bytes: Uint8Array.of(1) },
    { type: "machine/reset", cause: "guest" },
    { type: "machine/shutdown", cause: "guest", code: 0 },
    { type: "machine/shutdown", cause: "host", code: 0 },
    { type: "checkpoint/hashed", hash: 0n },
  ];
  const places = [
    0,
    1,
    2,
    ...indexesOf("clint/timerFired").slice(3, 6),
    ...indexesOf("uart16550/byteReceived").slice(2, 5),
  ];
  for (const event of extra) {
    for (const index of [...places, sound.events.length - 1]) divergenceOf(withInserted(index, event), index + 1);
  }
});

test("given two neighbouring events in the other order, then it diverges, unless they are the same", () => {
  for (let index = 0; index + 1 < sound.events.length; index += 1) {
    const [first, second] = [sound.events[index]!, sound.events[index + 1]!];
    // Of two inputs at one place, or hash and event, each order is one that may have been.
    const bytes = [first, second].map(({ event }) => ("byte" in event ? event.byte : -1));
    if (first.event.type === second.event.type && bytes[0] === bytes[1] && first.event.type !== "clock/warped")
      continue;
    const swapped = sound.events
      .with(index, { ...first, event: second.event })
      .with(index + 1, { ...second, event: first.event });
    divergenceOf({ ...sound, events: swapped }, index + 1);
  }
});

test("given another byte of input, whichever it is, then it diverges", () => {
  for (const index of indexesOf("uart16550/byteReceived")) {
    const { event, seq } = sound.events[index]!;
    if (event.type !== "uart16550/byteReceived") continue;
    divergenceOf(change(index, { event: { ...event, byte: event.byte ^ 1 } }), seq);
  }
});

test("given another warp of the clock, whichever it is and by a nanosecond, then it diverges", () => {
  for (const index of indexesOf("clock/warped")) {
    const { event, seq } = sound.events[index]!;
    if (event.type !== "clock/warped") continue;
    for (const by of [1n, -1n, 1_000_000n]) {
      if (event.byNs + by >= 0n) divergenceOf(change(index, { event: { ...event, byNs: event.byNs + by } }), seq);
    }
  }
});

test("given another state hash, whichever it is, then the error has both", () => {
  for (const index of indexesOf("checkpoint/hashed")) {
    const { event, seq, icount } = sound.events[index]!;
    if (event.type !== "checkpoint/hashed") continue;
    const fault = divergenceOf(change(index, { event: { ...event, hash: event.hash ^ (1n << 63n) } }), seq);
    assert.equal({ seq: fault.seq, icount: fault.icount, field: fault.field }, { seq, icount, field: "hash" });
    assert.match(fault.actual, event.hash.toString(16));
  }
});

test("given another end, then it diverges there", () => {
  const end = sound.end!;
  const events = sound.events.length;
  assert.is(divergenceOf({ ...sound, end: { ...end, hash: end.hash ^ 1n } }, events).field, "hash");
  assert.is(divergenceOf({ ...sound, end: { ...end, icount: end.icount + 1 } }, events).field, "icount");
  assert.is(divergenceOf({ ...sound, end: { ...end, cause: "stopped" } }, events).field, "cause");
});

test("given another exit code, then the field is named", () => {
  const index = sound.events.length - 1;
  const fault = divergenceOf(
    change(index, { event: { type: "machine/shutdown", cause: "guest-shutdown", code: 3 } }),
    index + 1,
  );
  assert.equal([fault.field, fault.expected, fault.actual], ["code", "3", "0"]);
});

test("given another reading of the host's clock, whichever it is, then it diverges", () => {
  for (const index of indexesOf("goldfishRtc/hostClockRead", soundClock)) {
    for (const byNs of [1n, 1n << 32n]) {
      const events = soundClock.events.map((positioned, at) => {
        const { event } = positioned;
        if (at !== index || event.type !== "goldfishRtc/hostClockRead") return positioned;
        return { ...positioned, event: { ...event, hostNs: event.hostNs + byNs } };
      });
      const fault = faultOf(written({ ...soundClock, events }), { kernel: clockKernel });
      assert.ok(fault instanceof Divergence && fault.field === "hash", String(fault));
    }
  }
});

test("given a reading of the host's clock less, then the error says that the guest waits for it", () => {
  const [index] = indexesOf("goldfishRtc/hostClockRead", soundClock);
  const damaged = renumbered({ ...soundClock, events: soundClock.events.filter((_, at) => at !== index) });
  const fault = faultOf(written(damaged), { kernel: clockKernel });
  assert.ok(fault instanceof Divergence, String(fault));
  assert.match(fault.message, /waits for goldfishRtc\/hostClockRead/);
});

for (const [name, machineChange] of [
  ["shift", { shift: 1 }],
  ["RAM size", { memoryBytes: 16 << 20 }],
  ["command line", { append: "stats" }],
  ["seed", { rngSeed: "00".repeat(32) }],
  ["virtio device", { virtio: ["rng"] }],
] as const) {
  test(`given another ${name} than was recorded, then it diverges where the guest could first notice`, () => {
    const fault = faultOf(withMachine(machineChange));
    const [firstHash, firstWarp] = [indexesOf("checkpoint/hashed")[0]!, indexesOf("clock/warped")[0]!];
    assert.ok(fault instanceof Divergence, String(fault));
    // The clock's rate is in no register: it shows with the first deadline.
    assert.ok(fault.seq <= 1 + (name === "shift" ? firstWarp : firstHash), fault.message);
  });
}

for (const [name, machineChange] of [
  ["RAM of no page", { memoryBytes: 5 }],
  ["RAM beyond any host", { memoryBytes: 2 ** 50 }],
  ["RAM of a negative size", { memoryBytes: -4096 }],
  ["no harts", { harts: 0 }],
  ["a device that there is not", { virtio: ["toaster"] }],
  ["no memory at all", { memoryBytes: undefined }],
] as const) {
  test(`given a header with ${name}, then it is a typed error that says so`, () => {
    const { header } = sound;
    const changed = JSON.parse(JSON.stringify({ ...(header.machine as object), ...machineChange })) as unknown;
    const fault = faultOf(written({ ...sound, header: { ...header, machine: changed } }));
    assert.ok(fault !== undefined);
    assert.ok(!(fault instanceof Divergence), fault.message);
  });
}

test("given another kernel, then its digest is named and nothing runs", () => {
  const fault = faultOf(sink.bytes(), { kernel: clockKernel });
  assert.ok(fault instanceof ImageError && fault.code === "IMAGE_DIFFERS", String(fault));
  assert.ok(fault.message.includes(sound.header.images[0]!.sha256));
});

test("given no kernel where it was, then the error names it and the remedy", () => {
  const images = sound.header.images.map((image) => ({ ...image, path: "/nowhere/demo.elf" }));
  const fault = faultOf(written({ ...sound, header: { ...sound.header, images } }));
  assert.ok(fault instanceof ImageError && fault.code === "IMAGE_MISSING", String(fault));
  assert.match(fault.message, /demo\.elf.*the option kernel/);
  assert.is(faultOf(written({ ...sound, header: { ...sound.header, images } }), { kernel: DEMO_ELF }), undefined);
});

test("given another kernel under the digest that was recorded, then it diverges at the first state hash", () => {
  const [image] = sound.header.images;
  const forged = partsOf(clockSink.bytes()).header.images[0]!;
  const parts = { ...sound, header: { ...sound.header, images: [{ ...forged, path: image!.path }] } };
  const fault = faultOf(written(parts), { kernel: clockKernel });
  assert.ok(fault instanceof Divergence, String(fault));
});

test.run();
