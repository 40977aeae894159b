// `foldvm mcp` as a process, spoken to by the SDK's own client; it ends with its input and by a signal.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { commandFile, ended, foldvm, startFoldvm } from "./command-line.js";

const SESSION = "logs/session.fold";

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

test("given the command, when a client starts it, then its tools answer", async () => {
  const client = new Client({ name: "test", version: "1" });
  const args = [commandFile(), "mcp", SESSION];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  const { content } = await client.callTool({ name: "traps", arguments: { of: "mei", limit: 2 } });
  assert.match(JSON.stringify(content), /\\"cause\\":\\"mei\\"/);
  await client.close();
});

test("given its input, when that ends, then it ends with 0", async () => {
  const child = startFoldvm(["mcp", SESSION]);
  child.stdin.end();
  const { code, stdout, stderr } = await ended(child);
  assert.equal([code, stdout], [0, ""], stderr);
});

test("given requests, when the input ends right behind them, then they are answered first", async () => {
  const child = startFoldvm(["mcp", SESSION]);
  const params = { name: "traps", arguments: { limit: 3 } };
  const requests = [
    INITIALIZE,
    { jsonrpc: "2.0", method: "notifications/initialized" },
    ...[2, 3].map((id) => ({ jsonrpc: "2.0", id, method: "tools/call", params })),
  ];
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  const { code, stdout, stderr } = await ended(child);
  assert.equal([code, stderr], [0, ""]);
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: number; result?: unknown });
  assert.equal(answers.map(({ id, result }) => [id, result !== undefined]).sort(), [
    [1, true],
    [2, true],
    [3, true],
  ]);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`given a server at work, when ${signal} comes, then it ends by it, and says nothing more`, async () => {
    const child = startFoldvm(["mcp", SESSION]);
    const answered = new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
    child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`);
    await answered;
    child.kill(signal);
    const { code, stderr } = await ended(child);
    assert.equal([code, stderr], [signal === "SIGTERM" ? 143 : 130, ""]);
  });
}

test("given no recording, and one more than can be served, then the message says so", async () => {
  assert.is((await foldvm(["mcp"])).code, 2);
  assert.is((await foldvm(["mcp", "missing.fold"])).code, 66);
  const { code, stderr } = await foldvm(["mcp", ...Array.from({ length: 65 }, () => SESSION)]);
  assert.is(code, 2);
  assert.match(stderr, /is too much/);
});

test.run();
