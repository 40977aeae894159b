/** Questions over WebSockets: rows as over HTTP, several at a time, bounded, and refused to those who may not ask. */
import { setTimeout as sleep } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";

import { MAX_FRAME_BYTES, MAX_SOCKETS } from "../../../src/streams/server/sockets/index.js";
import { MAX_ASKED } from "../../../src/streams/server/sockets/questions.js";
import { RACE, rowsOf, textAt, withServer, type Row } from "../../support/http-server.js";
import { manyEvents } from "../../support/many-events.js";

interface Told {
  readonly id?: unknown;
  readonly at?: string;
  readonly row?: Row;
  readonly end?: true;
  readonly failed?: { readonly code: string; readonly status: number };
}

const socketOf = (url: string, name: string, headers: Record<string, string> = {}): WebSocket =>
  new WebSocket(`${url.replace("http", "ws")}/recordings/${name}/socket`, { headers });

/** How it opens: 101, or the status that it is refused with. */
const opening = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => {
    socket.on("open", () => {
      resolve(101);
    });
    socket.on("unexpected-response", (_, { statusCode = 0 }) => {
      resolve(statusCode);
    });
    socket.on("error", () => undefined);
  });

/** What it is told until `isEnough`. */
const toldUntil = (socket: WebSocket, isEnough: (all: readonly Told[]) => boolean): Promise<readonly Told[]> =>
  new Promise((resolve) => {
    const all: Told[] = [];
    socket.on("message", (data: Buffer) => {
      all.push(JSON.parse(data.toString()) as Told);
      if (isEnough(all)) resolve(all);
    });
  });

const closing = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.on("close", resolve));

const endsOf = (all: readonly Told[]): readonly Told[] => all.filter(({ end, failed }) => end ?? failed);

test("given several questions at a time, when they are asked, then each gets the rows that HTTP gives", async () => {
  await withServer([RACE], async (url) => {
    const socket = socketOf(url, "race-fails");
    assert.is(await opening(socket), 101);
    const told = toldUntil(socket, (all) => endsOf(all).length === 3);
    const asked = [
      { id: 1, ask: "events" },
      { id: "two", ask: "events", of: ["output", "traps mti"], from: "1_000_000" },
      { id: 3, ask: "query", question: "writes", of: "link.count", limit: 5 },
    ];
    for (const message of asked) socket.send(JSON.stringify(message));
    const all = await told;
    const race = `${url}/recordings/race-fails`;
    for (const [id, path] of [
      [1, "events"],
      ["two", "events?of=output&of=traps mti&from=1_000_000"],
      [3, "query?question=writes&of=link.count&limit=5"],
    ] as const)
      assert.equal(
        all.flatMap((one) => (one.id === id && one.row !== undefined ? [one.row] : [])),
        rowsOf(await textAt(`${race}/${path}`)),
        String(id),
      );
    const behind = toldUntil(socket, (more) => endsOf(more).length === 1);
    const { at = "" } = all.find(({ id }) => id === 1) ?? {};
    socket.send(JSON.stringify({ id: 1, ask: "events", after: at }));
    assert.is((await behind)[0]?.at, String(Number(at) + 1));
    socket.close();
  });
});

test("given what is no question, when it is said, then it is told why, and the next one is answered", async () => {
  await withServer([RACE], async (url) => {
    const socket = socketOf(url, "race-fails");
    await opening(socket);
    const wrong = [
      ["{", "INVALID_MESSAGE"],
      ["[]", "INVALID_MESSAGE"],
      ["{}", "INVALID_MESSAGE"],
      ['{"id":1}', "INVALID_MESSAGE"],
      ['{"id":1,"ask":"constructor"}', "INVALID_MESSAGE"],
      ['{"id":1,"ask":"events","off":"x"}', "INVALID_PARAMETER"],
      ['{"id":1,"ask":"events","of":{}}', "INVALID_MESSAGE"],
      ['{"id":1,"ask":"query","question":"writs"}', "INVALID_OPTION"],
      [`{"id":"${"x".repeat(101)}","ask":"events"}`, "INVALID_MESSAGE"],
    ] as const;
    for (const [message, code] of wrong) {
      const told = toldUntil(socket, (all) => all.length === 1);
      socket.send(message);
      assert.is((await told)[0]?.failed?.code, code, message);
    }
    const told = toldUntil(socket, (all) => endsOf(all).length === 1);
    socket.send('{"id":1,"ask":"events"}');
    assert.ok((await told).length > 10);
    socket.close();
  });
});

test("given a frame that is too large, when it comes, then the socket is closed with 1009", async () => {
  await withServer([RACE], async (url) => {
    const socket = socketOf(url, "race-fails");
    await opening(socket);
    socket.send("x".repeat(MAX_FRAME_BYTES + 1));
    assert.is(await closing(socket), 1009);
  });
});

test("given a foreign page, no token, no such recording or route, then no socket is opened", async () => {
  const work = async (url: string): Promise<void> => {
    const authorization = "Bearer a-long-token";
    const statusOf = async (name: string, headers: Record<string, string>): Promise<number> => {
      const socket = socketOf(url, name, headers);
      const status = await opening(socket);
      socket.terminate();
      return status;
    };
    assert.is(await statusOf("race-fails", { authorization }), 101);
    assert.is(await statusOf("race-fails", { authorization, origin: url }), 101);
    assert.is(await statusOf("race-fails", { authorization, origin: "https://evil.example" }), 403);
    assert.is(await statusOf("race-fails", { authorization, host: "evil.example" }), 403);
    assert.is(await statusOf("race-fails", {}), 401);
    assert.is(await statusOf("other", { authorization }), 404);
    assert.is(await statusOf("race-fails/socket", { authorization }), 404);
    assert.is(await statusOf("..%2frace-fails", { authorization }), 404);
  };
  await withServer([RACE], work, { token: "a-long-token" });
});

test("given more questions or sockets than may be, when one more comes, then it is refused", async () => {
  const { recording } = manyEvents(20_000);
  await withServer([recording], async (url) => {
    const socket = socketOf(url, "0");
    await opening(socket);
    const told = toldUntil(socket, (all) => all.some(({ failed }) => failed !== undefined));
    for (let id = 0; id <= MAX_ASKED; id += 1) socket.send(JSON.stringify({ id, ask: "events" }));
    const refused = (await told).find(({ failed }) => failed !== undefined);
    assert.equal([refused?.id, refused?.failed?.status], [MAX_ASKED, 429]);
    const cancelled = toldUntil(socket, (all) => endsOf(all).length === MAX_ASKED);
    for (let id = 0; id < MAX_ASKED; id += 1) socket.send(JSON.stringify({ id, cancel: true }));
    assert.ok((await cancelled).length < 20_000 * MAX_ASKED, "a cancelled one ends early");
    const others = Array.from({ length: MAX_SOCKETS - 1 }, () => socketOf(url, "0"));
    assert.ok((await Promise.all(others.map(opening))).every((status) => status === 101));
    assert.is(await opening(socketOf(url, "0")), 503);
    for (const other of [socket, ...others]) other.terminate();
  });
});

test("given a reader that stands still, when it has a long way to go, then little is read for it, and all comes at last", async () => {
  const count = 120_000;
  const { recording, read } = manyEvents(count);
  await withServer([recording], async (url) => {
    const socket = socketOf(url, "0");
    await opening(socket);
    socket.pause();
    socket.send('{"id":1,"ask":"events"}');
    let before = -1;
    for (let now = read(); now !== before || now === 0; now = read()) {
      before = now;
      await sleep(200);
    }
    assert.ok(before > 0 && before < count / 2, `${String(before)} of ${String(count)} were read`);
    const told = toldUntil(socket, (all) => all.at(-1)?.end === true);
    socket.resume();
    const all = await told;
    assert.is(all.length, count + 1);
    assert.ok(all.every(({ at }, index) => index === count || at === String(index + 1)));
    socket.terminate();
  });
});

test("given the server's end, when sockets are open, then they are told", async () => {
  let closed: Promise<number> | undefined;
  await withServer([RACE], async (url) => {
    const socket = socketOf(url, "race-fails");
    await opening(socket);
    closed = closing(socket);
  });
  assert.is(await closed, 1001);
});

test.run();
