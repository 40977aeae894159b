/** A webhook, against a receiver of Node that the official CloudEvents SDK reads: faults, slowness and an end. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { HTTP, type CloudEvent } from "cloudevents";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_WAITING_MESSAGES, Webhook } from "../../../src/streams/host/webhook.js";
import { rows } from "../../../src/streams/rows/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { webhookSink } from "../../../src/streams/session/row-sinks.js";
import { foldvm } from "../../cli/command-line.js";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

async function received(answer: Answer, work: (url: URL) => Promise<void>): Promise<void> {
  const server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      answer(request, response, body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work(new URL(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const message = (body: string): { headers: Record<string, string>; body: string } => ({
  headers: { "content-type": "text/plain" },
  body,
});

for (const mode of ["structured", "binary"] as const) {
  test(`given a receiver that fails every third request, then it gets each ${mode} event once it answers, in order`, async () => {
    const recording = openRecording("logs/race-fails.fold");
    const got: CloudEvent[] = [];
    let requests = 0;
    const answer: Answer = (request, response, body) => {
      requests += 1;
      if (requests % 3 === 0) response.writeHead(503).end();
      else {
        const event = HTTP.toEvent({ headers: request.headers, body }) as CloudEvent;
        assert.ok(event.validate());
        got.push(event);
        response.writeHead(204).end();
      }
    };
    await received(answer, async (url) => {
      const sink = webhookSink({ url, mode }, { backoffMs: 1 });
      for await (const row of rows(recording)) sink.take(row);
      assert.is(await sink.end(), undefined);
      assert.equal(
        got.map(({ data }) => (data as unknown as { seq: number }).seq),
        [...recording.eventsFrom()].map(({ seq }) => seq),
      );
      assert.ok(requests > got.length);
    });
  });
}

test("given a receiver that refuses an event, then it is not repeated, and the report says why", () =>
  received(
    (_request, response, body) => response.writeHead(body === "2" ? 400 : 200).end(),
    async (url) => {
      const webhook = new Webhook(url);
      for (const body of ["1", "2", "3"]) webhook.post(message(body));
      assert.equal(await webhook.end(), { delivered: 2, undelivered: 1, reason: "it answered 400" });
    },
  ));

test("given a receiver that is gone for good, then nothing more is posted", async () => {
  let requests = 0;
  await received(
    (_request, response) => {
      requests += 1;
      response.writeHead(410).end();
    },
    async (url) => {
      const webhook = new Webhook(url);
      for (const body of ["1", "2", "3"]) webhook.post(message(body));
      assert.equal(await webhook.end(), { delivered: 0, undelivered: 3, reason: "it answered 410" });
      assert.is(requests, 1);
      webhook.post(message("4"));
      assert.is(requests, 1);
      assert.is(webhook.isMet, false);
    },
  );
});

test("given a receiver that does not answer, then each event has its deadline, the end has one too, and it has no room", () =>
  received(
    () => undefined,
    async (url) => {
      const webhook = new Webhook(url, { deadlineMs: 20, backoffMs: 1, endMs: 100 });
      for (let count = 0; count < MAX_WAITING_MESSAGES; count += 1) webhook.post(message("x"));
      assert.ok(webhook.isMet);
      const { delivered, undelivered, reason } = await webhook.end();
      assert.equal([delivered, undelivered], [0, MAX_WAITING_MESSAGES]);
      assert.is(reason, "it did not answer in time");
    },
  ));

test("given a receiver that asks for time, then it has it", async () => {
  const at: number[] = [];
  await received(
    (_request, response) => {
      at.push(performance.now());
      if (at.length === 1) response.writeHead(429, { "retry-after": "1" }).end();
      else response.writeHead(200).end();
    },
    async (url) => {
      const webhook = new Webhook(url, { backoffMs: 1 });
      webhook.post(message("1"));
      assert.equal(await webhook.end(), { delivered: 1, undelivered: 0, reason: undefined });
      assert.ok((at[1] ?? 0) - (at[0] ?? 0) >= 990);
    },
  );
});

test("given foldvm events --webhook, then the receiver has the recording's events, and without one the command says so", async () => {
  const seqs: number[] = [];
  let address = "";
  await received(
    (request, response, body) => {
      const { data } = HTTP.toEvent({ headers: request.headers, body }) as CloudEvent<{ seq: number }>;
      seqs.push(data?.seq ?? 0);
      response.writeHead(200).end();
    },
    async (url) => {
      address = url.href;
      const { code, stderr } = await foldvm(["events", "logs/race-fails.fold", "--webhook", address]);
      assert.is(code, 0, stderr);
      assert.equal(
        seqs,
        [...openRecording("logs/race-fails.fold").eventsFrom()].map(({ seq }) => seq),
      );
    },
  );
  const { code, stderr } = await foldvm(["events", "logs/race-fails.fold", "--webhook", "ftp://x"]);
  assert.is(code, 2);
  assert.match(stderr, /--webhook ftp:\/\/x: give a URL/);
});

test.run();
