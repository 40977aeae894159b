/** A machine that runs, served: typed at and watched by several, followed exactly, and asked about its past. */

import { statSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";

import { fileSink } from "../../../src/streams/host/file-sink.js";
import { LiveMachine, startServer } from "../../../src/streams/server/index.js";
import { MAX_LIVE_ASKING } from "../../../src/streams/server/live/live-machine.js";
import { MAX_SCROLLBACK_BYTES } from "../../../src/streams/server/live/live-console.js";
import { Probing } from "../../../src/machine/probing.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { runSession } from "../../../src/streams/session/session.js";
import { testStdio } from "../../cli/command-line.js";
import { DEMO_ELF } from "../../support/demo-guest.js";
import { rowsOf, sentEvents, textAt, type Row } from "../../support/http-server.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const SSE = { accept: "text/event-stream" };

interface Live {
  readonly url: string;
  readonly machine: LiveMachine;
  readonly path: string;
  /** The console's text as somebody at a socket has it, and what types there. */
  readonly type: (text: string) => void;
  readonly prints: (text: string) => Promise<void>;
  readonly ended: Promise<unknown>;
}

/** The demo's firmware at its prompt. */
const withLive = (work: (live: Live) => Promise<void>, symbols: readonly string[] = []): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/live.fold`;
    const machine = new LiveMachine(path, symbols);
    const probing = new Probing();
    const opened = openMachine({ kernel: DEMO_ELF, memory: "8M", seed: "x" }, undefined, probing);
    const stdio = machine.stdio(testStdio());
    const ended = runSession(opened, {
      stdio,
      sink: fileSink(path, { overwrite: false }),
      recordingPath: path,
      follow: machine.follow,
    }).finally(() => {
      machine.over();
    });
    await machine.begun;
    const server = await startServer(machine, { port: 0 });
    const { url } = server;
    const socket = new WebSocket(`${url.replace("http", "ws")}/live/console`);
    let printed = "";
    const heard = new Set<() => void>();
    socket.on("message", (data: Buffer) => {
      printed += data.toString("latin1");
      for (const hear of heard) hear();
    });
    const prints = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const hear = (): void => {
          if (printed.includes(text)) resolve();
        };
        heard.add(hear);
        hear();
      });
    const type = (text: string): void => {
      socket.send(text);
    };
    try {
      await prints("demo> ");
      await work({ url, machine, path, type, prints, ended });
    } finally {
      socket.terminate();
      machine.quit();
      await ended;
      await server.end();
      opened.close();
    }
  });

/** Rows as they come, until one is enough. */
const rowsUntil = async (url: string, isEnough: (row: Row) => boolean): Promise<Row[]> =>
  rowsIn(await fetch(url), isEnough);

async function rowsIn({ body }: Response, isEnough: (row: Row) => boolean): Promise<Row[]> {
  let text = "";
  for await (const piece of body ?? []) {
    text += Buffer.from(piece as Uint8Array).toString();
    const whole = rowsOf(text.slice(0, text.lastIndexOf("\n") + 1));
    if (whole.some(isEnough)) return whole;
  }
  return rowsOf(text);
}

const isTyped =
  (letter: string) =>
  ({ type, byte }: Row): boolean =>
    type === "uart16550/byteReceived" && byte === letter.charCodeAt(0);

test("given a machine at its prompt, when it is typed at, then all who watch see it, also who comes later", async () => {
  await withLive(async ({ url, type, prints }) => {
    const watched = rowsUntil(`${url}/live/events?of=inputs&after=0`, isTyped("\n"));
    type("uptime\n");
    await prints(" ticks");
    const letters = (await watched).flatMap(({ type: kind, byte }) =>
      kind === "uart16550/byteReceived" ? [String.fromCharCode(byte as number)] : [],
    );
    assert.is(letters.join(""), "uptime\n");
    const later = new WebSocket(`${url.replace("http", "ws")}/live/console`);
    const first = await new Promise<Buffer>((resolve) => later.once("message", resolve));
    assert.match(first.toString("latin1"), /demo> uptime/);
    later.terminate();
    const status = JSON.parse(await textAt(`${url}/live`)) as Row;
    assert.is(status["running"], true);
    assert.is(status["recording"], "live");
  });
});

test("given a machine that goes on, when its past is asked, then it is as it was, and ends where it then stood", async () => {
  await withLive(async ({ url, type, prints }) => {
    type("uptime\n");
    await prints(" ticks");
    const live = `${url}/recordings/live`;
    const { instructions } = JSON.parse(await textAt(live)) as { instructions: number };
    assert.ok(instructions > 0);
    assert.match(await textAt(`${live}/console`), /demo> uptime\r?\nup /);
    const calls = rowsOf(await textAt(`${live}/query?question=output&of=ticks`));
    assert.is(calls.length, 1);
    const state = JSON.parse(await textAt(`${live}/states?at=start`)) as Row;
    assert.is(state["icount"], 0);
    assert.is(rowsOf(await textAt(`${live}/events?of=inputs`)).filter(isTyped("u")).length, 1);
  });
});

test("given a reader that has gone, when it comes again behind any row, then it has each event once, in order", async () => {
  const all: Row[] = [];
  await withLive(async ({ url, type, prints, path, machine, ended }) => {
    let lastId = "0";
    for (const [index, letter] of Array.from("uptime\nuptime\n").entries()) {
      const reading = fetch(`${url}/live/events`, { headers: { ...SSE, "last-event-id": lastId } });
      const { body } = await reading;
      const reader = body?.getReader();
      let text = "";
      type(letter);
      // Each reads on until it has the letter, and no longer.
      for (let isEnough = false; !isEnough;) {
        const piece = await reader?.read();
        text += Buffer.from(piece?.value ?? new Uint8Array()).toString();
        const events = sentEvents(text.slice(0, text.lastIndexOf("\n\n") + 2));
        const at = events.findIndex(({ data }) => isTyped(letter)(JSON.parse(data) as Row));
        isEnough = at >= 0;
        if (!isEnough) continue;
        all.push(...events.slice(0, at + 1).map(({ data }) => JSON.parse(data) as Row));
        lastId = events[at]?.id ?? "";
      }
      await reader?.cancel();
      if (index % 7 === 6) await prints(" ticks");
    }
    machine.quit();
    await ended;
    const rest = sentEvents(await textAt(`${url}/live/events`, { ...SSE, "last-event-id": lastId }));
    assert.is(rest.pop()?.event, "end");
    all.push(...rest.map(({ data }) => JSON.parse(data) as Row));
    assert.equal(
      all.map(({ seq }) => seq),
      [...openRecording(path).eventsFrom()].map(({ seq }) => seq),
    );
    assert.is((await fetch(`${url}/live/events`, { headers: { ...SSE, "last-event-id": "end" } })).status, 204);
    assert.match(await textAt(`${url}/recordings/live/console`), /ticks/);
  });
});

test("given questions of a machine that runs, when it goes on, then each row is that of its recording, once", async () => {
  await withLive(async ({ url, type }) => {
    const of = "of=inputs,calls do_uptime,traps mti,mei";
    // There are traps all the time, so that each begins to answer at once.
    const answers = await Promise.all([fetch(`${url}/live/events?${of}`), fetch(`${url}/live/events?${of}&after=0`)]);
    type("uptime\n");
    const [now, all] = await Promise.all(answers.map((answer) => rowsIn(answer, ({ kind }) => kind === "calls")));
    const recorded = rowsOf(await textAt(`${url}/recordings/live/events?${of}`));
    for (const told of [now ?? [], all ?? []])
      for (const kind of ["input", "calls", "traps"]) {
        const ofKind = told.filter((row) => row["kind"] === kind);
        assert.ok(ofKind.length > 0, kind);
        const whole = recorded.filter((row) => row["kind"] === kind);
        const [begun] = ofKind;
        const first = whole.findIndex(({ seq, icount }) => seq === begun?.["seq"] && icount === begun?.["icount"]);
        assert.equal(ofKind, whole.slice(first, first + ofKind.length), kind);
      }
  });
});

test("given several questions of a machine that runs, then only events have an id, and of one each row has", async () => {
  await withLive(async ({ url, type }) => {
    for (const [of, ids] of [
      ["inputs,calls do_uptime,traps mei", { input: true, traps: false, calls: false }],
      ["inputs,calls do_uptime", { input: true, calls: true }],
    ] as const) {
      const { body } = await fetch(`${url}/live/events?of=${of}`, { headers: SSE });
      type("uptime\n");
      let text = "";
      for await (const piece of body ?? []) {
        text += Buffer.from(piece as Uint8Array).toString();
        if (/"kind":"calls".*\n\n/.test(text)) break;
      }
      for (const [kind, hasId] of Object.entries(ids)) {
        const found = text.split("\n\n").filter((block) => block.includes(`"kind":"${kind}"`));
        assert.ok(found.length > 0, kind);
        assert.ok(
          found.every((block) => block.startsWith("id: ") === hasId),
          `${kind} of ${of}`,
        );
      }
    }
  });
});

test("given a line that has begun, when a reader comes or comes again, then it has the line as its recording has", async () => {
  await withLive(async ({ url, type }) => {
    const recorded = `${url}/recordings/live/events?of=output`;
    const before = sentEvents(await textAt(recorded, SSE)).filter(({ data }) => !data.includes('"isUnfinished"'));
    const lastId = before.at(-2)?.id ?? "";
    const answers = await Promise.all(
      [lastId, ""].map((id) => fetch(`${url}/live/events?of=output`, { headers: { ...SSE, "last-event-id": id } })),
    );
    type("uptime\n");
    for (const { body } of answers) {
      let text = "";
      for await (const piece of body ?? []) {
        text += Buffer.from(piece as Uint8Array).toString();
        if (/ ticks.*\n\n/.test(text)) break;
      }
      const told = sentEvents(text).map(({ id, data }) => ({ id: id.replace(/^[\w-]+\./, ""), data }));
      assert.ok(told.some(({ data }) => data.includes('"demo> uptime"')));
      const whole = sentEvents(await textAt(`${recorded}&after=${encodeURIComponent(lastId)}`, SSE));
      assert.equal(told, whole.map(({ id, data }) => ({ id, data })).slice(0, told.length));
    }
  });
});

test("given a row of another run, or of none, when a reader goes on behind it, then it is refused", async () => {
  await withLive(async ({ url }) => {
    for (const [id, why] of [
      ["999999999", /behind the end/],
      ["5@999999999999+1", /behind the end/],
      ["other.5", /another run/],
      ["?", /no id of a row/],
    ] as const)
      for (const path of ["live/events", "recordings/live/events"]) {
        const answer = await fetch(`${url}/${path}`, { headers: { ...SSE, "last-event-id": id } });
        assert.is(answer.status, 400, `${path} ${id}`);
        assert.match(await answer.text(), why);
      }
    const { body } = await fetch(`${url}/live/events?of=inputs,predicted&after=0`, { headers: SSE });
    let text = "";
    for await (const piece of body ?? [])
      if ((text += Buffer.from(piece as Uint8Array).toString()).includes("\n\nid: ")) break;
    const id = /^id: (.*)$/m.exec(text)?.[1] ?? "";
    const [next] = rowsOf(await textAt(`${url}/recordings/live/events?after=${id}&to=seq:3`));
    assert.is(next?.["seq"], 2);
  });
});

test("given as many readers as may ask, then one more is refused, and let in when one has gone", async () => {
  await withLive(async ({ url }) => {
    const readers: AbortController[] = [];
    const ask = async (): Promise<number> => {
      const leave = new AbortController();
      readers.push(leave);
      return (await fetch(`${url}/live/events?of=traps`, { signal: leave.signal })).status;
    };
    for (let index = 0; index < MAX_LIVE_ASKING; index += 1) assert.is(await ask(), 200);
    assert.is(await ask(), 503);
    readers[0]?.abort();
    for (let status = 503; status === 503; status = await ask());
    for (const leave of readers) leave.abort();
  });
});

/** More than the buffers between two sockets hold, with a row for each access. */
const HELPS = 70;

for (const [wait, what] of [
  ["1", "the machine stands still meanwhile, and no row is lost"],
  ["0", "the machine goes on, and a row says how many are lost"],
] as const)
  test(`given wait=${wait} and a reader that is behind, when it reads on, then ${what}`, async () => {
    await withLive(async ({ url, type, ended }) => {
      const of = "of=devices uart16550";
      const answer = await fetch(`${url}/live/events?${of}&wait=${wait}`);
      let isOver = false;
      const over = ended.then(() => (isOver = true));
      type(`${"help\n".repeat(HELPS)}poweroff\n`);
      const icount = async (): Promise<unknown> => (JSON.parse(await textAt(`${url}/live`)) as Row)["icount"];
      const standsStill = async (): Promise<boolean> => {
        const before = await icount();
        await sleep(100);
        return before === (await icount());
      };
      if (wait === "0") await over;
      else while (!isOver && !(await standsStill()));
      assert.is(isOver, wait === "0");
      const told = rowsOf(await answer.text());
      await over;
      const lost = told.reduce((sum, row) => sum + ((row["lost"] as number | undefined) ?? 0), 0);
      assert.is(lost > 0, wait === "0");
      const [begun] = told;
      const recorded = rowsOf(await textAt(`${url}/recordings/live/events?${of}`));
      const first = recorded.findIndex(({ seq, icount: at }) => seq === begun?.["seq"] && at === begun?.["icount"]);
      const rows = told.filter(({ kind }) => kind !== "gap");
      assert.is(rows.length + lost, recorded.length - first);
    });
  });

test("given a console whose reader is behind, when it reads on, then a message says how many bytes it missed", async () => {
  await withLive(async ({ url, machine }) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/live/console`);
    await new Promise((resolve) => socket.once("message", resolve));
    socket.pause();
    const piece = Buffer.alloc(1 << 20, "x");
    const pieces = 32;
    for (let index = 0; index < pieces; index += 1) {
      machine.console.output.write(piece);
      await new Promise(setImmediate);
    }
    let come = 0;
    const lost = new Promise<number>((resolve) => {
      socket.on("message", (data: Buffer, isBinary: boolean) => {
        if (!isBinary) resolve((JSON.parse(data.toString()) as { lost: number }).lost);
        else come += data.length;
        // A reader that has caught up hears of it with what comes next.
        machine.console.output.write("");
      });
    });
    socket.resume();
    assert.is((await lost) + come, pieces * piece.length);
    socket.terminate();
  });
});

test("given what only a recording can be asked, or no machine, then the answer says so", async () => {
  await withLive(async ({ url }) => {
    const answer = await fetch(`${url}/live/events?of=traps,changes link.count`);
    assert.is(answer.status, 400);
    assert.match(await answer.text(), /NOT_LIVE.*"changes: this can't be asked.*recordings\/live\/events/);
    const unknown = await fetch(`${url}/live/events?of=calls nobody`);
    assert.is(unknown.status, 400);
    assert.match(await unknown.text(), /NO_SUCH_NAME.*nobody/);
    assert.is((await fetch(`${url}/recordings/other`)).status, 404);
  });
});

test("given files with more names, then the page has them while the machine runs and when it is over", async () => {
  await withLive(
    async ({ url, machine, ended }) => {
      const named = async (): Promise<unknown> =>
        (JSON.parse(await textAt(`${url}/page/sources`)) as Row[])[0]?.["symbols"];
      const files = [{ name: basename(DEMO_ELF), bytes: { url: "recordings/live/symbols/0" } }];
      assert.equal(await named(), files);
      const { byteLength } = await (await fetch(`${url}/recordings/live/symbols/0`)).arrayBuffer();
      assert.is(byteLength, statSync(DEMO_ELF).size);
      machine.quit();
      await ended;
      assert.equal(await named(), files);
    },
    [DEMO_ELF],
  );
});

test("given a guest that prints much, when somebody comes, then the last of it is there, and no more", () => {
  const { console } = new LiveMachine("nowhere.fold");
  for (let index = 0; index < 100; index += 1) console.output.write(Buffer.alloc(1000, index));
  assert.is(console.scrollback.length, MAX_SCROLLBACK_BYTES);
  assert.is(console.scrollback.at(-1), 99);
});

test.run();
