/** A console as an asciicast: read by a parser that is as strict as the format's page. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_PIECE_LETTERS } from "../../../src/streams/forms/asciicast/asciicast.js";
import { toAsciicast } from "../../../src/streams/forms/index.js";
import { printed } from "../../../src/streams/past/query/index.js";
import { rows } from "../../../src/streams/rows/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";

interface Cast {
  readonly header: Readonly<Record<string, unknown>>;
  readonly events: readonly (readonly [time: number, code: string, text: string])[];
}

/** https://docs.asciinema.org/manual/asciicast/v2/: a header, then arrays of time, code and data, in order. */
function parsed(text: string): Cast {
  assert.ok(text.endsWith("\n"));
  const [first = "", ...lines] = text.slice(0, -1).split("\n");
  const header = JSON.parse(first) as Cast["header"];
  assert.is(header["version"], 2);
  for (const size of ["width", "height"]) assert.ok(Number.isInteger(header[size]) && (header[size] as number) > 0);
  let last = 0;
  const events = lines.map((line) => {
    const event = JSON.parse(line) as Cast["events"][number];
    assert.is(event.length, 3);
    const [time, code, data] = event;
    assert.ok(typeof time === "number" && time >= last, line);
    assert.ok(["i", "o", "m", "r"].includes(code), line);
    assert.is(typeof data, "string");
    last = time;
    return event;
  });
  return { header, events };
}

async function castOf(source: Parameters<typeof toAsciicast>[0], options = {}): Promise<Cast> {
  let text = "";
  for await (const line of toAsciicast(source, options)) text += line;
  return parsed(text);
}

const textOf = ({ events }: Cast, code: string): string =>
  events
    .filter((event) => event[1] === code)
    .map((event) => event[2])
    .join("");

const at = (ns: bigint): { seq: number; icount: number; ns: bigint; hart: number } =>
  ({ seq: 0, icount: 0, ns, hart: 0 }) as const;
const piece = (ns: bigint, text: string, port = "uart16550"): never =>
  ({ kind: "printed", ...at(ns), port, text }) as never;
const typed = (ns: bigint, byte: number): never =>
  ({ kind: "input", type: "uart16550/byteReceived", ...at(ns), byte }) as never;

for (const name of ["session", "virtio", "race-fails"]) {
  test(`given the recording ${name}, then its cast prints what its console did, and types what was typed`, async () => {
    const recording = openRecording(`logs/${name}.fold`);
    const cast = await castOf(rows(recording, { questions: { printed: printed(recording) } }));
    assert.is(textOf(cast, "o"), readFileSync(`logs/${name}.console.txt`, "utf8"));
    const bytes = [...recording.eventsFrom()].flatMap((event) => {
      if (event.type === "uart16550/byteReceived") return [event.byte];
      return event.type === "virtioConsole/bytesReceived" ? [...event.bytes] : [];
    });
    assert.is(textOf(cast, "i"), Buffer.from(bytes).toString("utf8"));
  });
}

test("given a size, a title and a start, then the header has them, and time begins there", async () => {
  const given = [piece(5_000_000_007n, "a")];
  const { header, events } = await castOf(given, { width: 132, height: 50, title: "boot", startNs: 2_000_000_000n });
  assert.equal(header, { version: 2, width: 132, height: 50, title: "boot" });
  assert.equal(events, [[3.000000007, "o", "a"]]);
});

test("given letters that come together, then they are a piece; what is typed between them parts it", async () => {
  const { events } = await castOf([
    piece(0n, "a"),
    piece(999_999n, "b"),
    piece(1_000_000n, "c"),
    typed(1_000_001n, 100),
  ]);
  assert.equal(events, [
    [0, "o", "ab"],
    [0.001, "o", "c"],
    [0.001000001, "i", "d"],
  ]);
});

test("given a letter of several bytes, then it waits until it is whole, also where another console prints between", async () => {
  const bytes = Buffer.from("é").toString("latin1");
  const { events } = await castOf([
    piece(0n, bytes[0] ?? ""),
    piece(1n, "x", "virtioConsole0"),
    piece(5_000_000n, bytes[1] ?? ""),
  ]);
  assert.equal(events, [
    [0, "o", "x"],
    [0.005, "o", "é"],
  ]);
});

const latin1 = (bytes: readonly number[]): string => Buffer.from(bytes).toString("latin1");

test("given bytes that are no letters, also at the very end, then each is marked as such, and the others are whole", async () => {
  const { events } = await castOf([
    piece(0n, latin1([0xff, 0x61, 0xe2, 0x82])),
    piece(1n, latin1([0x62, 0xed, 0xa0, 0x80])),
    piece(2n, latin1([0xf0, 0x9f, 0x98])),
    typed(9_000_000n, 0xc3),
  ]);
  assert.equal(events, [
    [0, "o", "\ufffda\ufffdb\ufffd\ufffd\ufffd"],
    [0.009, "o", "\ufffd"],
    [0.009, "i", "\ufffd"],
  ]);
});

test("given control letters, quotes and a mark of byte order, then they are what a terminal gets", async () => {
  const hostile = '\u0000\u0007\u001b]0;title\u0007\u001b[2J"\\\u007f\u2028\ufeff';
  const { events } = await castOf([piece(0n, Buffer.from(`\ufeff${hostile}`).toString("latin1"))]);
  assert.equal(events, [[0, "o", `\ufeff${hostile}`]]);
});

test("given a start behind rows, then they are there at once", async () => {
  const { events } = await castOf([piece(5n, "a"), piece(2_000_000_000n, "b")], { startNs: 1_000_000_000n });
  assert.equal(events, [
    [0, "o", "a"],
    [1, "o", "b"],
  ]);
});

test("given a guest that prints and prints at one instant, then no piece grows with it", async () => {
  function* much(): Generator<never> {
    for (let index = 0; index < 64; index += 1) yield piece(7n, "x".repeat(1 << 12));
  }
  const { events } = await castOf(much());
  assert.equal(
    events.map(([, , text]) => text.length),
    Array.from({ length: 4 }, () => MAX_PIECE_LETTERS),
  );
});

test.run();
