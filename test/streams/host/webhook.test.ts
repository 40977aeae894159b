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

/** A receiver that is gone for good, and how often it was asked. */
function gone(): { readonly answer: Answer; readonly asked: () => number } {
  let requests = 0;
  const answer: Answer = (_request, response) => {
    requests += 1;
    response.writeHead(410).end();
  };
  return { answer, asked: () => requests };
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
  const { answer, asked } = gone();
  await received(answer, async (url) => {
    const webhook = new Webhook(url);
    for (const body of ["1", "2", "3"]) webhook.post(message(body));
    assert.equal(await webhook.end(), { delivered: 0, undelivered: 3, reason: "it answered 410" });
    assert.is(asked(), 1);
    webhook.post(message("4"));
    assert.is(asked(), 1);
    assert.is(webhook.isMet, false);
  });
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

test("given a receiver that lets a message's time pass, then each next one is tried once, until one is answered", async () => {
  const got: string[] = [];
  let answers = false;
  await received(
    (_request, response, body) => {
      got.push(body);
      response.writeHead(answers ? 200 : 503).end();
    },
    async (url) => {
      const webhook = new Webhook(url, { deadlineMs: 60, backoffMs: 20 });
      webhook.post(message("1"));
      assert.is(webhook.isLost, false);
      await webhook.end();
      assert.is(webhook.isLost, true);
      assert.ok(got.length > 1);
      got.length = 0;
      for (const body of ["2", "3"]) webhook.post(message(body));
      await webhook.end();
      assert.equal(got, ["2", "3"]);
      answers = true;
      webhook.post(message("4"));
      assert.equal(await webhook.end(), { delivered: 1, undelivered: 3, reason: "it answered 503" });
      assert.is(webhook.isLost, false);
    },
  );
});

test("given a receiver that closes, breaks off or answers without end, then the next message gets there", async () => {
  let requests = 0;
  const got: string[] = [];
  await received(
    (request, response, body) => {
      requests += 1;
      if (requests === 1) request.socket.destroy();
      else if (requests === 2) request.socket.end("HTTP/1.1 200 OK\r\nContent-Len");
      else {
        got.push(body);
        response.writeHead(200);
        const fill = (): void => {
          while (!response.destroyed && response.write("x".repeat(1 << 16)));
        };
        response.on("drain", fill).on("error", () => undefined);
        fill();
      }
    },
    async (url) => {
      const webhook = new Webhook(url, { backoffMs: 1 });
      for (const body of ["1", "2"]) webhook.post(message(body));
      assert.equal(await webhook.end(), { delivered: 2, undelivered: 0, reason: undefined });
      assert.equal(got, ["1", "2"]);
    },
  );
});

test("given a receiver that sends elsewhere, then nothing goes there, and the report says so", async () => {
  let requests = 0;
  await received(
    (_request, response) => {
      requests += 1;
      response.writeHead(307, { location: "/other" }).end();
    },
    async (url) => {
      const webhook = new Webhook(url);
      webhook.post(message("1"));
      assert.match((await webhook.end()).reason ?? "", /it answered 307, which leads elsewhere: give the URL/);
      assert.is(requests, 1);
    },
  );
});

test("given a user in the URL, a token and headers, then they are sent, and no message has them", async () => {
  const heads: (string | undefined)[][] = [];
  await received(
    ({ headers, url: path }, response) => {
      heads.push([headers.authorization, headers["x-tenant"] as string | undefined, path]);
      response.writeHead(403).end();
    },
    async (url) => {
      const secret = url.href.replace("http://", "http://me:s%C3%A9cret@");
      const words = ["events", "logs/race-fails.fold", "--to", "1", "--webhook"];
      const basic = await foldvm([...words, `${secret}?token=hush`, "--webhook-header", "X-Tenant: a: b"]);
      assert.is(basic.code, 73);
      assert.match(basic.stderr, /hook: 1 of 1 events were not delivered \(the first: it answered 403\)/);
      assert.not.match(basic.stderr, /cret|hush|me:|a: b/);
      const bearer = await foldvm([...words, url.href, "--webhook-header", "authorization: Bearer hush"]);
      assert.is(bearer.code, 73);
      assert.not.match(bearer.stderr, /hush/);
      const pair = Buffer.from("me:sécret").toString("base64");
      assert.equal(heads, [
        [`Basic ${pair}`, "a: b", "/hook?token=hush"],
        ["Bearer hush", undefined, "/hook"],
      ]);
      for (const [given, says] of [
        ["hush", /give a name, a colon and a text/],
        ["X: hu\r\nsh: y", /give a name, a colon and a text/],
        ["Content-Type: hush", /Content-Type: foldvm says that itself/],
        ["ce-id: hush", /ce-id: foldvm says that itself/],
      ] as const) {
        const { code, stderr } = await foldvm([...words, url.href, "--webhook-header", given]);
        assert.is(code, 2);
        assert.match(stderr, says);
        assert.not.match(stderr, /hush/);
      }
      const wrong = await foldvm([...words, "ftp://me:hush@x"]);
      assert.match(wrong.stderr, /--webhook ftp:\/\/x: give a URL/);
    },
  );
});

test("given a receiver that wants none, when a recording's events are posted, then it is asked once, and the command says so", async () => {
  const { answer, asked } = gone();
  await received(answer, async (url) => {
    const { code, stderr } = await foldvm(["events", "logs/session.fold", "--webhook", url.href]);
    assert.is(code, 73);
    assert.match(stderr, /events were not delivered \(the first: it answered 410\)/);
    assert.is(asked(), 1);
  });
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
