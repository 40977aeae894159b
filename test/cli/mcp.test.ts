// `foldvm mcp` as a process, spoken to by the SDK's own client; it ends with its input and by a signal.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ended, foldvm, startFoldvm } from "./command-line.js";

const COMMAND = fileURLToPath(new URL("./cli-process.ts", import.meta.url));
const SESSION = "logs/session.fold";

test("given the command, when a client starts it, then its tools answer", async () => {
  const client = new Client({ name: "test", version: "1" });
  const args = ["--import", "tsx", COMMAND, "mcp", SESSION];
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

test("given no recording, and one more than can be served, then the message says so", async () => {
  assert.is((await foldvm(["mcp"])).code, 2);
  assert.is((await foldvm(["mcp", "missing.fold"])).code, 66);
  const { code, stderr } = await foldvm(["mcp", ...Array.from({ length: 65 }, () => SESSION)]);
  assert.is(code, 2);
  assert.match(stderr, /is too much/);
});

test.run();
