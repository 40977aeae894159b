/** A recording's rows as a stream: whole, and gone on with behind any of them. */
import { EventSource } from "eventsource";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { jsonRow } from "../../../src/streams/past/query/ndjson.js";
import { calls, output, traps } from "../../../src/streams/past/query/index.js";
import { rows, type StreamRow } from "../../../src/streams/rows/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { RACE, rowsOf, sentEvents, textAt, withServer, type Row } from "../../support/http-server.js";

const EVENTS = "/recordings/race-fails/events";
const QUERY = "/recordings/race-fails/query";
const SSE = { accept: "text/event-stream" };
const ALL = "of=inputs,predicted,output,traps mei,mti,calls /^link_/";

const recordedRows = async (isWanted: (row: StreamRow) => boolean = () => true): Promise<Row[]> => {
  const recording = openRecording(RACE);
  const questions = {
    output: output(recording),
    traps: traps(recording, { of: ["mei", "mti"] }),
    calls: calls(recording, { of: /^link_/ }),
  };
  const found: string[] = [];
  for await (const row of rows(recording, { questions })) if (isWanted(row)) found.push(jsonRow(row));
  return rowsOf(found.join("\n"));
};

const isEvent = ({ kind }: StreamRow): boolean => kind === "input" || kind === "predicted";

test("given a recording, when its events are read as lines and as an event stream, then each is its events", async () => {
  await withServer([RACE], async (url) => {
    const recorded = await recordedRows(isEvent);
    assert.equal(rowsOf(await textAt(`${url}${EVENTS}`)), recorded);
    const sent = sentEvents(await textAt(`${url}${EVENTS}`, SSE));
    assert.is(sent.pop()?.event, "end");
    assert.equal(
      sent.map(({ data }) => JSON.parse(data) as Row),
      recorded,
    );
    assert.equal(
      sent.map(({ id }) => Number(id)),
      recorded.map(({ seq }) => seq),
    );
  });
});

test("given questions too, when a reader goes on behind any row, then it gets each of the others once, in order", async () => {
  await withServer([RACE], async (url) => {
    const whole = sentEvents(await textAt(`${url}${EVENTS}?${ALL}`, SSE));
    assert.equal(
      whole.slice(0, -1).map(({ data }) => JSON.parse(data) as Row),
      await recordedRows(),
    );
    assert.is(new Set(whole.map(({ id }) => id)).size, whole.length, "ids are told apart");
    for (let at = 0; at < whole.length; at += 23) {
      const headers = { ...SSE, "last-event-id": whole[at]?.id ?? "" };
      const rest = sentEvents(await textAt(`${url}${EVENTS}?${ALL}`, headers));
      assert.equal(rest, whole.slice(at + 1), `behind ${headers["last-event-id"]}`);
    }
    const [first] = whole;
    const lines = rowsOf(await textAt(`${url}${EVENTS}?${ALL}&after=${encodeURIComponent(first?.id ?? "")}`));
    assert.equal(
      lines,
      whole.slice(1, -1).map(({ data }) => JSON.parse(data) as Row),
    );
  });
});

test("given places, when rows are asked for between them, then events and what is found keep to them", async () => {
  await withServer([RACE], async (url) => {
    const between = async (from: string, to: string) =>
      rowsOf(await textAt(`${url}${EVENTS}?of=inputs,predicted,traps mei,mti&from=${from}&to=${to}`));
    const all = (await recordedRows()).filter(({ kind }) => kind !== "output" && kind !== "calls");
    const icountOf = ({ icount }: Row): number => icount as number;
    assert.equal(
      await between("1_010_300", "3_010_300"),
      all.filter((row) => icountOf(row) >= 1_010_300 && icountOf(row) < 3_010_300),
    );
    const events = all.filter(({ kind }) => kind !== "traps");
    const some = rowsOf(await textAt(`${url}${EVENTS}?from=seq:5&to=seq:9`));
    assert.equal(
      some,
      events.filter(({ seq }) => (seq as number) > 5 && (seq as number) <= 9),
    );
    assert.equal(
      rowsOf(await textAt(`${url}${EVENTS}?of=inputs`)).length,
      events.filter(({ kind }) => kind === "input").length,
    );
  });
});

test("given one question, when a reader goes on behind any row of its answer, then it gets the others once", async () => {
  await withServer([RACE], async (url) => {
    for (const asked of [
      "question=calls&of=/^link_/",
      "question=calls&of=link_read&results=1",
      "question=traps&of=mei&limit=30",
      "question=output",
      "question=visits&of=link_read&which=last",
    ]) {
      const path = `${url}${QUERY}?${asked}`;
      const whole = sentEvents(await textAt(path, SSE));
      assert.ok(whole.length > 1, asked);
      for (let at = 0; at < whole.length - 1; at += 11) {
        const id = whole[at]?.id ?? "";
        const rest = sentEvents(await textAt(path, { ...SSE, "last-event-id": id }));
        assert.equal(rest, whole.slice(at + 1), `${asked} behind ${id}`);
      }
    }
    const beyond = { ...SSE, "last-event-id": "999999" };
    assert.is((await fetch(`${url}${QUERY}?question=output`, { headers: beyond })).status, 400);
  });
});

test("given a reader that has all, when it comes again, then it is told to stay away", async () => {
  await withServer([RACE], async (url) => {
    for (const path of [EVENTS, `${QUERY}?question=output`]) {
      const { status } = await fetch(`${url}${path}`, { headers: { ...SSE, "last-event-id": "end" } });
      assert.is(status, 204, path);
    }
  });
});

test("given an EventSource, when it has read all, then it closes by itself, and has each event once", async () => {
  await withServer([RACE], async (url) => {
    const seqs: number[] = [];
    let ends = 0;
    const source = new EventSource(`${url}${EVENTS}`);
    await new Promise<void>((resolve, reject) => {
      source.onmessage = ({ data }) => seqs.push((JSON.parse(String(data)) as { seq: number }).seq);
      source.addEventListener("end", () => (ends += 1));
      // Of each end of the connection; the second one is that of the 204.
      source.onerror = () => {
        if (source.readyState === EventSource.CLOSED) resolve();
      };
      setTimeout(reject, 20_000, new Error("it did not close")).unref();
    });
    assert.is(ends, 1);
    assert.equal(
      seqs,
      (await recordedRows(isEvent)).map(({ seq }) => seq),
    );
  });
});

test("given the original pace, when events are read, then none comes before its time", async () => {
  await withServer([RACE], async (url) => {
    // 12 ms of the guest's time.
    const begunMs = performance.now();
    const all = rowsOf(await textAt(`${url}${EVENTS}?pace=original`));
    const [first, last] = [all[0], all.at(-1)];
    const guestMs = Number(BigInt(String(last?.["ns"])) - BigInt(String(first?.["ns"]))) / 1e6;
    assert.ok(guestMs > 5 && performance.now() - begunMs >= guestMs);
  });
});

test.run();
