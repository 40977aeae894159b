/** A client writes: it is then so, the client is told of the branch, and the recording stays as it was. */
import { readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { DebugProtocol } from "@vscode/debugprotocol";

import { attached, type DapClient } from "../../../../support/dap-client.js";

const RACE = { recording: "logs/race-fails.fold", at: "5390759" };

const evaluate = async (client: DapClient, expression: string, depth = 0): Promise<string> => {
  const frameId = (await client.stack())[depth]?.id;
  return (await client.ask<{ result: string }>("evaluate", { expression, frameId })).result;
};

const scope = async (client: DapClient, name: string, depth = 0): Promise<number> => {
  const frameId = (await client.stack())[depth]?.id;
  const { scopes } = await client.ask<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId });
  return scopes.find((one) => one.name === name)?.variablesReference ?? 0;
};

test("given a variable that is set, then it has the value, the branch is told of, and the recording is as it was", async () => {
  const before = readFileSync(RACE.recording);
  const client = await attached(RACE);
  const set = await client.ask("setVariable", {
    ...{ variablesReference: await scope(client, "Locals", 2), name: "deadline", value: "1234" },
  });
  assert.equal(set["value"], "1234");
  assert.match((await client.event<{ output: string }>("output")).output, /^a branch of logs\/race-fails\.fold from/);
  assert.equal(await client.event("invalidated"), { areas: ["all"] });
  assert.is(await evaluate(client, "deadline", 2), "1234");
  assert.is((await client.move("stepIn")).reason, "step");
  assert.is(await evaluate(client, "deadline", 2), "1234");
  assert.equal(readFileSync(RACE.recording), before);
});

test("given an element, a member and a register, when they are set, then each has its value", async () => {
  const client = await attached(RACE);
  const set = async (expression: string, value: string, depth = 0): Promise<unknown> => {
    const frameId = (await client.stack())[depth]?.id;
    return (await client.ask("setExpression", { expression, value, frameId }))["value"];
  };
  assert.is(await set("record[2]", "'C'", 1), "67 'C'");
  assert.is(await evaluate(client, "record", 1), '"reCord 67: sample 444"');
  assert.is(await set("board->memory_bytes", "1 << 20", 5), "1048576");
  assert.is(await set("$t0", "0x10"), "0x10");
  const { variables } = await client.ask<DebugProtocol.VariablesResponse["body"]>("variables", {
    variablesReference: await scope(client, "Globals"),
  });
  const nibbles = variables.find(({ name }) => name === "nibbles")?.variablesReference;
  assert.is((await client.ask("setVariable", { variablesReference: nibbles, name: "[15]", value: "7" }))["value"], "7");
  assert.is(await evaluate(client, "nibbles[15]"), "7");
});

test("given memory that is written, then it is read so", async () => {
  const client = await attached(RACE);
  const data = Buffer.from("REC").toString("base64");
  const { bytesWritten } = await client.ask("writeMemory", { memoryReference: "0x80004da0", data });
  assert.is(bytesWritten, 3);
  assert.is(await evaluate(client, "record", 1), '"RECord 67: sample 444"');
});

test("given what can't be written, then that is refused, and no branch is made", async () => {
  const client = await attached(RACE);
  const refusal = (command: string, given: object): Promise<string> =>
    client.ask(command, given).then(
      () => "it was not refused",
      (fault: unknown) => (fault as Error).message,
    );
  const variablesReference = await scope(client, "Locals");
  assert.match(await refusal("setVariable", { variablesReference, name: "seed", value: "1" }), /seed can't be written/);
  assert.match(await refusal("setVariable", { variablesReference, name: "i", value: "1" }), /i can't be written/);
  assert.match(await refusal("setVariable", { variablesReference, name: "none", value: "1" }), /there is no none/);
  assert.match(await refusal("setExpression", { expression: "checksum", value: "nowhere" }), /there is no nowhere/);
  assert.match(await refusal("writeMemory", { memoryReference: "0x10", data: "AAAA" }), /0x0*10 is no memory/);
  assert.is(client.events.filter(({ event }) => event === "output").length, 0);
});

test.run();
