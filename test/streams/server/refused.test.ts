/** Who is refused, and what: foreign pages, missing tokens, paths that lead elsewhere, and what is no request. */
import { request } from "node:http";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_CONNECTIONS, MAX_HEADER_BYTES } from "../../../src/streams/server/server.js";
import { Slots } from "../../../src/streams/server/slots.js";
import { connectedTo, RACE, sentRaw, withServer } from "../../support/http-server.js";

/** `fetch` does not let a program choose these headers. */
const answerTo = (
  url: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<{ status: number; code: string; headers: NodeJS.Dict<string | string[]> }> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { headers, method }, (answer) => {
      let body = "";
      answer.on("data", (text: Buffer) => (body += text.toString()));
      answer.on("end", () => {
        const { code = "" } = (/^\{.*"code"/.test(body) ? JSON.parse(body) : {}) as { code?: string };
        resolve({ status: answer.statusCode ?? 0, code, headers: answer.headers });
      });
    });
    asked.on("error", reject).end();
  });

test("given the loopback, when Host is another name, then a page that has rebound its own is refused", async () => {
  await withServer([RACE], async (url) => {
    const { port } = new URL(url);
    for (const host of ["localhost", `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, "LOCALHOST"])
      assert.is((await answerTo(`${url}/recordings`, { host })).status, 200, host);
    for (const host of ["evil.example", `evil.example:${port}`, "localhost.evil.example", "127.0.0.1.evil.example"]) {
      const { status, code } = await answerTo(`${url}/recordings`, { host });
      assert.equal([status, code], [403, "HOST_REFUSED"], host);
    }
  });
});

test("given a page of another origin, when it asks, then it is refused, unless it is allowed by name", async () => {
  const work = async (url: string): Promise<void> => {
    const from = (origin: string, method?: string) => answerTo(`${url}/recordings`, { origin }, method);
    for (const origin of ["https://evil.example", "null", "http://localhost", "https://allowed.example.evil.example"]) {
      const { status, code, headers } = await from(origin);
      assert.equal([status, code], [403, "ORIGIN_REFUSED"], origin);
      assert.is(headers["access-control-allow-origin"], undefined);
    }
    assert.is((await from(url)).status, 200);
    const allowed = await from("https://allowed.example");
    assert.is(allowed.status, 200);
    assert.is(allowed.headers["access-control-allow-origin"], "https://allowed.example");
    const preflight = await from("https://allowed.example", "OPTIONS");
    assert.is(preflight.status, 204);
    assert.match(String(preflight.headers["access-control-allow-headers"]), /Last-Event-ID/);
    assert.is((await from("https://evil.example", "OPTIONS")).status, 403);
    const hidden = { "sec-fetch-site": "cross-site" };
    assert.is((await answerTo(`${url}/recordings`, { ...hidden, "sec-fetch-mode": "no-cors" })).status, 403);
    assert.is((await answerTo(`${url}/recordings`, { ...hidden, "sec-fetch-mode": "navigate" })).status, 200);
  };
  await withServer([RACE], work, { origins: ["https://allowed.example"] });
});

test("given another address than the loopback's, then a token is made, and nobody is answered without it", async () => {
  const work = async (url: string, { token = "" }: { token?: string | undefined }): Promise<void> => {
    const there = `http://127.0.0.1:${new URL(url).port}`;
    assert.ok(token.length >= 32, token);
    const ask = (headers: Record<string, string>, query = "") => answerTo(`${there}/recordings${query}`, headers);
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: token }, { cookie: "foldvm=x" }]) {
      const { status, code, headers: said } = await ask(headers);
      assert.equal([status, code], [401, "TOKEN_REFUSED"]);
      assert.match(String(said["www-authenticate"]), /^Bearer/);
    }
    assert.is((await ask({}, `?token=${token}x`)).status, 401);
    assert.is((await ask({ authorization: `Bearer ${token}` })).status, 200);
    const inAddress = await ask({}, `?token=${token}`);
    assert.is(inAddress.status, 200);
    const [cookie = ""] = inAddress.headers["set-cookie"] as unknown as string[];
    assert.match(cookie, /HttpOnly; SameSite=Strict/);
    assert.is((await ask({ cookie: cookie.split(";")[0] ?? "" })).status, 200);
  };
  await withServer([RACE], work, { host: "0.0.0.0" });
});

test("given paths that lead elsewhere, when they are asked for, then none leads to a file", async () => {
  await withServer([RACE], async (url) => {
    const { port } = new URL(url);
    const ask = (path: string): Promise<string> =>
      sentRaw(url, `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
    for (const path of [
      "/recordings/../recordings",
      "/recordings/..%2f..%2fetc%2fpasswd",
      "/recordings/%2e%2e/%2e%2e/etc/passwd",
      "/recordings/.%2e/package.json",
      "/recordings/race-fails/images/..%2f..%2f..%2fpackage.json",
      "/recordings/race-fails/file%00.txt",
      "/recordings/race-fails%00/file",
      "/recordings/%ff/file",
      "/recordings/%/file",
      "/recordings//file",
      "//evil.example/recordings",
      "http://evil.example/recordings",
      "/recordings/race-fails\\..\\file",
      "*",
      `/recordings/${"x".repeat(8000)}`,
    ])
      assert.match(await ask(path), /^HTTP\/1\.1 4\d\d /, path);
    assert.match(await ask("/recordings/race-fails"), /^HTTP\/1\.1 200 /);
  });
});

test("given what is no request, or half of one, when it comes, then it is refused, and others are answered", async () => {
  await withServer([RACE], async (url) => {
    const { port } = new URL(url);
    const head = `GET /recordings HTTP/1.1\r\nHost: localhost:${port}\r\n`;
    for (const [bytes, status] of [
      ["\0\x01\x02\r\n\r\n", 400],
      ["GET\r\n\r\n", 400],
      ["GET /recordings HTTP/1.1\r\n\r\n", 400],
      [`${head}X: ${"x".repeat(MAX_HEADER_BYTES)}\r\n\r\n`, 431],
      [`GET /${"x".repeat(MAX_HEADER_BYTES)} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`, 431],
      [`${head}Content-Length: 5\r\n\r\nhello`, 413],
      [`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, 413],
      [`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      [head.replace("GET", "POST") + "Connection: close\r\n\r\n", 405],
      [head.replace("GET", "DELETE") + "Connection: close\r\n\r\n", 405],
    ] as const)
      assert.match(
        await sentRaw(url, bytes, 3000),
        new RegExp(`^HTTP/1\\.1 ${String(status)} `),
        JSON.stringify(bytes.slice(0, 60)),
      );
    const half = connectedTo(url);
    half.on("error", () => undefined).write(head);
    assert.is((await fetch(`${url}/recordings`)).status, 200);
    half.destroy();
  });
});

test("given half a request, when its time is over, then it is answered 408 and closed", async () => {
  const work = async (url: string): Promise<void> => {
    assert.match(await sentRaw(url, "GET /recordings HTTP/1.1\r\nHost: local", 8000), /^HTTP\/1\.1 408 /);
  };
  await withServer([RACE], work, { headersMs: 200 });
});

test("given as many connections as may be, when one more comes, then it is closed", async () => {
  const work = async (url: string): Promise<void> => {
    const open = await Promise.all(
      [0, 1].map(
        () =>
          new Promise<ReturnType<typeof connectedTo>>((resolve) => {
            const socket = connectedTo(url).on("connect", () => {
              resolve(socket);
            });
          }),
      ),
    );
    assert.is(await sentRaw(url, "GET / HTTP/1.1\r\n", 3000), "");
    for (const socket of open) socket.destroy();
  };
  assert.ok(MAX_CONNECTIONS > 1000);
  await withServer([RACE], work, { connections: 2 });
});

test("given slots, when more ask than there are, then they wait in order, go, or are refused", async () => {
  const slots = new Slots(1, 2);
  const here = new AbortController();
  const first = await slots.take(here.signal);
  const order: string[] = [];
  const gone = new AbortController();
  const second = slots.take(gone.signal).catch(() => order.push("gone"));
  const third = slots.take(here.signal).then((release) => {
    order.push("third");
    return release;
  });
  const refused = await slots.take(here.signal).catch((fault: unknown) => String(fault));
  assert.match(refused as string, /wait already/);
  gone.abort();
  await second;
  first();
  first();
  (await third)();
  (await slots.take(here.signal))();
  assert.equal(order, ["gone", "third"]);
});

test.run();
