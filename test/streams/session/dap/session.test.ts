// The debug adapter's session: how it begins, what it refuses, and how it ends.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { attached, connectDap } from "../../../support/dap-client.js";

const LOG = "logs/race-fails.fold";

const refusal = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
  } catch (fault) {
    return (fault as Error).message;
  }
  return "it was not refused";
};

test("given a recording, when a client attaches, then it stands at its start, with a thread for each hart", async () => {
  const client = await attached({ recording: LOG });
  const { threads } = await client.ask("threads");
  assert.equal(threads, [{ id: 1, name: "hart 0" }]);
  const top = await client.top();
  assert.is(top.name, "0x1000");
});

test("given a recording, when it goes on, then its console comes as output, and it stands at the end", async () => {
  const client = await attached({ recording: LOG });
  const { reason, description } = await client.move("continue");
  assert.is(reason, "end");
  assert.is(description, "Paused where the recording ends");
  const printed = client.events
    .filter(({ event }) => event === "output")
    .map(({ body }) => (body as { readonly output: string }).output)
    .join("");
  assert.match(printed, /foldvm/);
});

test("given bad arguments, then the answer names what is wrong", async () => {
  const { client } = connectDap();
  assert.match(await refusal(client.ask("threads")), /there is no machine yet: launch one, or attach/);
  assert.match(await refusal(client.ask("attach", {})), /recording: say which one to debug/);
  assert.match(await refusal(client.ask("attach", { recording: LOG, symbols: ["nope"] })), /nope/);
  assert.match(await refusal(client.ask("attach", { recording: "none.fold" })), /none\.fold/);
  assert.match(await refusal(client.ask("nexd", {})), /there is no request nexd; is next meant\?/);
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    assert.match(await refusal(client.ask(name)), new RegExp(`there is no request ${name}`));
  }
  assert.match(await refusal(client.ask("configurationDone")), /there is no machine yet: launch one, or attach/);
});

test("given what a machine has not, then the answer says so", async () => {
  const client = await attached({ recording: LOG, at: "8000000" });
  assert.match(await refusal(client.ask("continue", { threadId: 7 })), /there is no thread 7/);
  assert.match(await refusal(client.ask("reverseContinue", { threadId: 7 })), /there is no thread 7/);
  const written = { memoryReference: "0x80000000", data: "no base 64" };
  assert.match(await refusal(client.ask("writeMemory", written)), /no base64/);
  for (const expression of ["1<<64", "1<<-1", "1>>64"]) {
    assert.match(await refusal(client.ask("evaluate", { expression })), /shifts by less than 0 bits/);
  }
  const chain = `link${".x".repeat(5000)}`;
  assert.match(await refusal(client.ask("evaluate", { expression: chain })), /at most 1000/);
  const behind = { memoryReference: "0xfffffffffffffffe", offset: 2, count: 1, instructionCount: 1 };
  assert.match(await refusal(client.ask("readMemory", behind)), /no address of 64 bits/);
  assert.match(await refusal(client.ask("disassemble", behind)), /no address of 64 bits/);
  const { instructions } = await client.ask<{ instructions: { address: string }[] }>("disassemble", {
    memoryReference: "0xfffffffffffffffe",
    instructionCount: 4,
  });
  assert.is(instructions.length, 1);
});

test("given quit at the console's monitor, or terminate, then the client is told that it is over, and it is", async () => {
  for (const [asked, given] of [
    ["evaluate", { expression: "> quit", context: "repl" }],
    ["terminate", {}],
  ] as const) {
    const { client, ended } = connectDap();
    await client.ask("attach", { recording: LOG });
    await client.event("initialized");
    await client.ask("configurationDone");
    await client.ask(asked, given);
    await client.event("terminated");
    assert.is(await ended, undefined);
  }
});

test("given a client that leaves, then the session is over", async () => {
  const { client, ended, input } = connectDap();
  await client.ask("initialize");
  input.end();
  assert.is(await ended, undefined);
});

test.run();
