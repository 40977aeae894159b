// `foldvm dap` as a process: a machine that it records, gone back in and on again; what a client gets wrong; its end.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MessageReader } from "../../src/streams/session/dap/messages.js";
import { DEMO_ELF } from "../support/demo-guest.js";
import { DapClient } from "../support/dap-client.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { startFoldvm } from "./command-line.js";

type Child = ReturnType<typeof startFoldvm>;

function clientOf(child: Child): DapClient {
  const client = new DapClient((bytes) => child.stdin.write(bytes));
  const reader = new MessageReader();
  child.stdout.on("data", (bytes: Uint8Array) => {
    for (const message of reader.read(bytes)) client.receive(message);
  });
  return client;
}
const codeOf = (child: Child): Promise<number | null> => new Promise((resolve) => child.once("exit", resolve));

interface Where {
  readonly icount: number;
  readonly mode: string;
}

test("given a launch, then the machine records, stops, goes back and on, and stays to look at when it has ended", async () => {
  await withTemporaryFolder(async (folder) => {
    const child = startFoldvm(["dap"]);
    const client = clientOf(child);
    const where = (): Promise<Where> => client.ask<Where>("foldvm/where");
    const output = `${folder}/demo.fold`;
    await client.ask("initialize", { adapterID: "foldvm" });
    await client.ask("launch", {
      output,
      kernel: DEMO_ELF,
      memory: "4M",
      append: "race",
      seed: "demo",
      stopOnEntry: true,
    });
    await client.event("initialized");
    await client.ask("setFunctionBreakpoints", { breakpoints: [{ name: "do_race" }] });
    await client.ask("configurationDone");
    assert.is((await client.event<{ reason: string }>("stopped")).reason, "entry");
    assert.is((await where()).icount, 0);
    assert.is((await client.move("continue")).reason, "function breakpoint");
    const there = await where();
    assert.is(there.mode, "record");
    const { line } = await client.top();
    await client.move("stepBack");
    assert.ok((await where()).icount < there.icount);
    await client.move("continue");
    assert.is((await where()).icount, there.icount);
    assert.is((await where()).mode, "record");
    assert.is((await client.top()).line, line);
    await client.ask("setFunctionBreakpoints", { breakpoints: [] });
    await client.ask("continue", { threadId: 1 });
    // The race waits for letters that nobody types.
    await client.ask("pause", { threadId: 1 });
    assert.is((await client.event<{ reason: string }>("stopped")).reason, "pause");
    await client.ask("disconnect");
    assert.is(await codeOf(child), 0);
    assert.ok(readFileSync(output).length > 100);
  });
});

test("given a launch that is wrong, then the answer says all that is, and another one may follow", async () => {
  await withTemporaryFolder(async (folder) => {
    const child = startFoldvm(["dap"]);
    const client = clientOf(child);
    const refused = async (given: object): Promise<string> => client.ask("launch", given).then(String, String);
    assert.match(await refused({}), /output undefined: expected a text/);
    assert.match(await refused({ output: `${folder}/x.fold`, kernel: `${folder}/none` }), /none/);
    assert.match(await refused({ output: `${folder}/x.fold`, kernel: DEMO_ELF, smp: 99 }), /smp/);
    assert.match(await refused({ output: `${folder}/x.fold`, kernel: DEMO_ELF, args: ["--nothing"] }), /--nothing/);
    child.stdin.end();
    assert.is(await codeOf(child), 0);
  });
});

test("given a client that sends what is no message, then the process says so and ends", async () => {
  for (const [sent, said] of [
    ["GET / HTTP/1.1\r\n\r\n", /begins with Content-Length/],
    ["Content-Length: 99999999999\r\n\r\n", /at most 4194304 bytes/],
    ["Content-Length: 2\r\n\r\n[]", /an object with a type/],
  ] as const) {
    const child = startFoldvm(["dap"]);
    let stderr = "";
    child.stderr.on("data", (bytes: Uint8Array) => (stderr += Buffer.from(bytes).toString()));
    child.stdin.write(sent);
    assert.is(await codeOf(child), 2);
    assert.match(stderr, said);
  }
});

test("given a client that vanishes in the middle of a message, while a machine runs, then the process ends", async () => {
  await withTemporaryFolder(async (folder) => {
    const child = startFoldvm(["dap"]);
    const client = clientOf(child);
    await client.ask("launch", { output: `${folder}/x.fold`, kernel: DEMO_ELF, memory: "4M" });
    await client.event("initialized");
    await client.ask("configurationDone");
    child.stdin.end("Content-Length: 100\r\n\r\n{");
    assert.is(await codeOf(child), 0);
  });
});

test("given a branch in the past of a machine that was launched, when the client leaves while it runs, then the process ends", async () => {
  for (const leave of ["disconnect", "terminate", "end of input"]) {
    await withTemporaryFolder(async (folder) => {
      const child = startFoldvm(["dap"]);
      const client = clientOf(child);
      await client.ask("launch", { output: `${folder}/x.fold`, kernel: DEMO_ELF, memory: "4M", append: "uptime" });
      await client.event("initialized");
      await client.ask("configurationDone");
      await new Promise((resolve) => setTimeout(resolve, 300));
      await client.ask("pause", { threadId: 1 });
      await client.event("stopped");
      await client.ask("foldvm/goTo", { to: "start" });
      await client.event("stopped");
      const mode = async (): Promise<string> => (await client.ask<Where>("foldvm/where")).mode;
      const monitor = (line: string): Promise<object> =>
        client.ask("evaluate", { expression: `> ${line}`, context: "repl" });
      await client.ask("setExpression", { expression: "$a0", value: "5" });
      assert.is(await mode(), "branch");
      await monitor(`fork ${folder}/branch.fold`);
      assert.ok(readFileSync(`${folder}/branch.fold`).length > 100);
      await monitor("parent");
      assert.is(await mode(), "replay");
      await monitor("fork");
      assert.is(await mode(), "branch");
      await client.ask("continue", { threadId: 1 });
      if (leave === "end of input") child.stdin.end();
      else await client.ask(leave, { terminateDebuggee: true });
      assert.is(await codeOf(child), 0, leave);
    });
  }
});

test.run();
