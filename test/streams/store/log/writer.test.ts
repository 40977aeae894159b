// What the writer takes and refuses, and what a recording costs.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { MachineEvent } from "../../../../src/reducers/events.js";
import type { GivenPositioned } from "../../../../src/reducers/stream-event.js";
import type { LogWriter } from "../../../../src/streams/store/log/index.js";
import { fileSink } from "../../../../src/streams/host/file-sink.js";
import { openLogFile } from "../../../../src/streams/host/log-file.js";
import { LogError, memorySink, openLog, openWriter } from "../../../../src/streams/store/log/index.js";
import { randomEvents, readAll, SAMPLE_HEADER } from "./sample-recordings.js";
import { seededRandom } from "../../../support/seeded-random.js";

const test = suite<{ folder: string }>("writer");
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "foldvm-log-"));
});
test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true });
});

const END = { icount: 0, seq: 0, hash: 0n, cause: "host" };

const expectError = (code: string, action: () => unknown): LogError => {
  try {
    action();
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    assert.is(error.code, code, error.message);
    return error;
  }
  throw new Error(`expected ${code}`);
};

const uart = (seq: number, icount: number, byte = 65): GivenPositioned => ({
  seq,
  icount,
  event: { type: "uart16550/byteReceived", byte },
});

test("given a recorded file, when opened by its path, then it is what was recorded", ({ folder }) => {
  const path = join(folder, "run.fold");
  const events = randomEvents(11, 500);
  const writer = openWriter(fileSink(path), SAMPLE_HEADER);
  for (const event of events) {
    writer.append(event);
    if (event.seq % 90 === 0) writer.flush();
  }
  writer.close({ icount: writer.lastIcount, seq: 500, hash: 7n, cause: "guest" });
  const result = readAll(path);
  if (result instanceof LogError) throw result;
  assert.equal(result.events, events);
  assert.is(result.log.byteLength, writer.bytesWritten);
  assert.is(readFileSync(path).length, writer.bytesWritten);
});

test("given a file that exists, when recorded to, then it is refused and left alone, unless told to overwrite", ({
  folder,
}) => {
  const path = join(folder, "run.fold");
  writeFileSync(path, "precious");
  expectError("RECORDING_EXISTS", () => openWriter(fileSink(path), SAMPLE_HEADER));
  assert.is(readFileSync(path, "utf8"), "precious");
  openWriter(fileSink(path, { overwrite: true }), SAMPLE_HEADER).close(END);
  assert.is(openLogFile(path).end?.cause, "host");
});

test("given a path that can't be written or read, then the error names it", ({ folder }) => {
  const path = join(folder, "absent", "run.fold");
  assert.match(expectError("CANNOT_WRITE", () => openWriter(fileSink(path), SAMPLE_HEADER)).message, path);
  assert.match(expectError("CANNOT_READ", () => openLogFile(path)).message, path);
  expectError("CANNOT_READ", () => openLogFile(folder));
});

test("given a machine that JSON can't hold, then it is refused with its path, and no file is made", ({ folder }) => {
  const path = join(folder, "run.fold");
  const refused = (machine: unknown): string =>
    expectError("INVALID_HEADER", () => openWriter(fileSink(path), { machine, images: [] })).message;
  assert.match(refused({ cpu: { clock: 5n } }), "$.machine.cpu.clock is bigint");
  assert.match(refused({ drives: [Number.NaN] }), "$.machine.drives[0] is NaN");
  assert.match(refused({ start: new Date(0) }), "$.machine.start is no plain object");
  assert.match(refused({ initrd: undefined }), "$.machine.initrd is undefined");
  expectError("INVALID_HEADER", () =>
    openWriter(fileSink(path), { machine: {}, images: [{ role: "a", path: "b", size: 1, sha256: "c" }] }),
  );
  assert.not(existsSync(path));
});

test("given an event out of order, then it is refused and the recording goes on", () => {
  const sink = memorySink();
  const writer = openWriter(sink, SAMPLE_HEADER);
  writer.append(uart(1, 100));
  expectError("OUT_OF_ORDER", () => {
    writer.append(uart(3, 100));
  });
  expectError("OUT_OF_ORDER", () => {
    writer.append(uart(1, 100));
  });
  assert.is(
    expectError("OUT_OF_ORDER", () => {
      writer.append(uart(2, 99));
    }).field,
    "icount",
  );
  expectError("OUT_OF_ORDER", () => {
    writer.append(uart(2, 100.5));
  });
  writer.append(uart(2, 100));
  writer.abandon();
  assert.is(openLog(sink.bytes()).eventCount, 2);
});

test("given an event whose payload can't be recorded, then it is refused with its field and the recording goes on", () => {
  const sink = memorySink();
  const writer = openWriter(sink, SAMPLE_HEADER);
  const refused = (code: string, event: MachineEvent): LogError =>
    expectError(code, () => {
      writer.append({ seq: 1, icount: 0, event });
    });
  assert.is(refused("INVALID_EVENT", { type: "uart16550/byteReceived", byte: 256 }).field, "byte");
  assert.is(refused("INVALID_EVENT", { type: "clock/warped", byNs: -1n }).field, "byNs");
  assert.is(refused("INVALID_EVENT", { type: "bottomHalf/ran", id: "\ud800" }).field, "id");
  refused("EVENT_TOO_LARGE", { type: "virtioRng/entropyProvided", slot: 0, bytes: new Uint8Array(128 * 1024 + 1) });
  const unknown = { type: "nobody/knows" } as unknown as MachineEvent;
  refused("UNKNOWN_EVENT", unknown);
  writer.append(uart(1, 0));
  writer.abandon();
  assert.is(openLog(sink.bytes()).eventCount, 1);
});

test("given an end that does not fit, then it is refused; given a closed writer, then nothing more is taken", () => {
  const writer = openWriter(memorySink(), SAMPLE_HEADER);
  writer.append(uart(1, 100));
  assert.is(
    expectError("INVALID_END", () => {
      writer.close({ ...END, icount: 100 });
    }).field,
    "seq",
  );
  assert.is(
    expectError("INVALID_END", () => {
      writer.close({ ...END, seq: 1, icount: 99 });
    }).field,
    "icount",
  );
  writer.close({ ...END, seq: 1, icount: 100 });
  writer.abandon();
  expectError("CLOSED", () => {
    writer.append(uart(2, 100));
  });
  expectError("CLOSED", () => {
    writer.flush();
  });
  expectError("CLOSED", () => {
    writer.close(END);
  });
});

test("given a sink that fails, then the writer is closed and does not write past the gap", () => {
  let fails = false;
  let closed = 0;
  const writer = openWriter(
    {
      write() {
        if (fails) throw new LogError("CANNOT_WRITE", "no room");
      },
      close() {
        closed++;
      },
    },
    SAMPLE_HEADER,
  );
  writer.append(uart(1, 0));
  fails = true;
  expectError("CANNOT_WRITE", () => {
    writer.flush();
  });
  fails = false;
  assert.is(closed, 1);
  expectError("CLOSED", () => {
    writer.append(uart(2, 0));
  });
});

if (existsSync("/dev/full")) {
  test("given a full disk, then the error says so and what to do", () => {
    const error = expectError("CANNOT_WRITE", () =>
      openWriter(fileSink("/dev/full", { overwrite: true }), SAMPLE_HEADER),
    );
    assert.match(error.message, /no space left on device.*make room/);
  });
}

/** The bytes that `fill` adds to a recording. */
const bytesOf = (fill: (writer: LogWriter, add: (icount: number, event: MachineEvent) => void) => void): number => {
  const writer = openWriter(memorySink(), SAMPLE_HEADER);
  const before = writer.bytesWritten;
  fill(writer, (icount, event) => {
    writer.append({ seq: writer.lastSeq + 1, icount, event });
  });
  writer.close({ icount: writer.lastIcount, seq: writer.lastSeq, hash: 1n << 63n, cause: "host" });
  return writer.bytesWritten - before;
};

test("given a machine that idles, a timer ten times a second, then a second takes less than 100 bytes", () => {
  const random = seededRandom(1);
  const seconds = 600;
  const bytes = bytesOf((writer, add) => {
    for (let tick = 0; tick < seconds * 10; tick++) {
      const awakeInsns = 4000 + random(20_000);
      const icount = writer.lastIcount + awakeInsns;
      add(icount, { type: "clock/warped", byNs: 100_000_000n - BigInt(awakeInsns * 8 + random(100_000)) });
      add(icount, { type: "clint/timerFired", hart: 0 });
      if (tick % 50 === 49) writer.flush();
    }
  });
  assert.ok(bytes / seconds < 100, `${String(bytes / seconds)} bytes a second`);
});

test("given a run without input, ten checkpoints long, then it takes less than 1 KB", () => {
  const random = seededRandom(2);
  const bytes = bytesOf((_writer, add) => {
    for (let checkpoint = 1; checkpoint <= 10; checkpoint++) {
      const hash = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
      add(checkpoint * 1_000_000, { type: "checkpoint/hashed", hash });
    }
  });
  assert.ok(bytes < 1024, `${String(bytes)} bytes`);
});

test.run();
