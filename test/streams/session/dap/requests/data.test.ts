/** What a client is told of a machine that stands: scopes, variables, expressions, memory and instructions. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { DebugProtocol } from "@vscode/debugprotocol";

import { MAX_INSTRUCTIONS_SHOWN } from "../../../../../src/streams/session/dap/data/disassembly.js";
import { MAX_PARTS_SHOWN, PartsShown } from "../../../../../src/streams/session/dap/data/handles.js";
import { completionsOf, MAX_COMPLETIONS } from "../../../../../src/streams/session/dap/data/completions.js";
import { DATA_REQUESTS, MAX_VARIABLES } from "../../../../../src/streams/session/dap/requests/data.js";
import type { DapSession } from "../../../../../src/streams/session/dap/session.js";
import { MAX_READ_BYTES } from "../../../../../src/streams/session/dap/data/memory.js";
import type { Shown, View } from "../../../../../src/streams/session/dap/data/shown.js";
import { attached, type DapClient } from "../../../../support/dap-client.js";

/** In crc32, called by work, which is inlined into race_run. */
const RACE = { recording: "logs/race-fails.fold", at: "5390759" };

type Variable = DebugProtocol.Variable;

async function scopes(client: DapClient, depth = 0): Promise<readonly DebugProtocol.Scope[]> {
  const frameId = (await client.stack())[depth]?.id ?? 0;
  return (await client.ask<DebugProtocol.ScopesResponse["body"]>("scopes", { frameId })).scopes;
}

const variables = async (client: DapClient, variablesReference = 0, more: object = {}): Promise<readonly Variable[]> =>
  (await client.ask<{ variables: readonly Variable[] }>("variables", { variablesReference, ...more })).variables;

async function scope(client: DapClient, name: string, depth = 0, more: object = {}): Promise<readonly Variable[]> {
  const found = (await scopes(client, depth)).find((one) => one.name === name);
  return variables(client, found?.variablesReference, more);
}

const texts = (all: readonly Variable[]): Record<string, string> =>
  Object.fromEntries(all.map(({ name, value }) => [name, value]));

async function evaluate(
  client: DapClient,
  expression: string,
  depth = 0,
): Promise<DebugProtocol.EvaluateResponse["body"]> {
  const frameId = (await client.stack())[depth]?.id ?? 0;
  return client.ask("evaluate", { expression, frameId });
}

const refusal = async (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => "it was not refused",
    (fault: unknown) => (fault as Error).message,
  );

test("given a frame, when its scopes are asked for, then they are its variables and the registers", async () => {
  const client = await attached(RACE);
  const names = (await scopes(client)).map(({ name }) => name);
  assert.equal(names, ["Locals", "Globals", "Registers", "Floating point", "CSRs"]);
  assert.equal(texts(await scope(client, "Locals")), {
    seed: "<optimized out>",
    bytes: '0x80004da0 "record 67: sample 444"',
    size: "<optimized out>",
    i: "20",
    crc: "<optimized out>",
  });
});

test("given an inlined call, then it has its own variables, and what it is inlined into has other ones", async () => {
  const client = await attached(RACE);
  const inlined = await scope(client, "Locals", 1);
  assert.equal(inlined.map(({ name }) => name).sort(), ["i", "length", "record", "records"]);
  const around = texts(await scope(client, "Locals", 2));
  assert.is(around["deadline"], "60000");
  assert.not.ok("record" in around);
  assert.is((await evaluate(client, "argument", 4)).result, '0x80004e54 ""');
  assert.is((await evaluate(client, "line", 4)).result, '0x80004e50 "race"');
  assert.is((await evaluate(client, "line", 5)).result, '0x8000201c ""');
});

test("given an array, when it is opened, then a client has as many of its elements as it asks for", async () => {
  const client = await attached(RACE);
  const [record] = await scope(client, "Locals", 1);
  assert.is(record?.value, '"record 67: sample 444"');
  assert.is(record?.indexedVariables, 48);
  const some = await variables(client, record?.variablesReference, { filter: "indexed", start: 1, count: 2 });
  assert.equal(texts(some), { "[1]": "101 'e'", "[2]": "99 'c'" });
  assert.is(some[0]?.evaluateName, "record[1]");
  assert.equal(await variables(client, record?.variablesReference, { filter: "named" }), []);
  const beyond = await variables(client, record?.variablesReference, { start: 47, count: 10 });
  assert.equal(
    beyond.map(({ name }) => name),
    ["[47]"],
  );
});

test("given a pointer to a structure, when it is opened, then it has the members", async () => {
  const client = await attached(RACE);
  const board = (await scope(client, "Globals", 5)).find(({ name }) => name === "board");
  const members = await variables(client, board?.variablesReference, { format: { hex: true } });
  assert.is(texts(members)["memory_start"], "0x80000000");
  assert.is(members[0]?.evaluateName, "board->memory_start");
  assert.is((await evaluate(client, "board->memory_start", 5)).result, "2147483648");
});

test("given expressions, then they have values of their types, and what a client opens", async () => {
  const client = await attached(RACE);
  assert.is((await evaluate(client, "i * 2 + 1")).result, "41");
  assert.is((await evaluate(client, "i,x")).result, "0x14");
  assert.is((await evaluate(client, "*bytes")).result, "114 'r'");
  assert.is((await evaluate(client, "bytes + 7")).result, '0x80004da7 "67: sample 444"');
  assert.is((await evaluate(client, "(uint64_t)bytes")).result, "2147503520");
  assert.is((await evaluate(client, "$pc")).result, "0x8000102e <crc32+0x38>");
  assert.is((await evaluate(client, "crc32")).result, "0x80000ff6 <crc32>, 74 bytes");
  const pointer = await evaluate(client, "bytes + 1");
  const [target] = await variables(client, pointer.variablesReference);
  assert.is(target?.value, "101 'e'");
  assert.match(await refusal(evaluate(client, "nowhere")), /there is no nowhere; nearest are/);
});

test("given registers, then a caller has those that are kept for it, and CSRs come in groups", async () => {
  const client = await attached(RACE);
  assert.is(texts(await scope(client, "Registers"))["pc"], "0x8000102e <crc32+0x38>");
  const callers = texts(await scope(client, "Registers", 2));
  assert.is(callers["pc"], "0x800013b4 <race_run+0xb8>");
  assert.is(callers["a0"], "<not kept by what it called>");
  const groups = await scope(client, "CSRs");
  assert.is(texts(groups)["privilege"], "M");
  const machine = await variables(client, groups.find(({ name }) => name === "machine")?.variablesReference);
  assert.is(texts(machine)["mhartid"], "0x0");
});

test("given memory, when it is read, then what is not mapped is told by its length", async () => {
  const client = await attached(RACE);
  const ask = (memoryReference: string, count: number, offset = 0): Promise<DebugProtocol.ReadMemoryResponse["body"]> =>
    client.ask("readMemory", { memoryReference, offset, count });
  const text = await ask("0x80004da0", 6);
  assert.is(Buffer.from(text?.data ?? "", "base64").toString(), "record");
  const end = await ask("0x803ff000", 0x3000, 0xff0);
  assert.is(Buffer.from(end?.data ?? "", "base64").length, 0x10);
  assert.is(end?.unreadableBytes, 0x2ff0);
  const nothing = await ask("0x7fff0000", 0x10010);
  assert.equal([nothing?.data, nothing?.unreadableBytes], [undefined, 0x10000]);
  assert.match(await refusal(ask("main", 4)), /"main" is no address/);
  assert.match(await refusal(ask("0x80000000", MAX_READ_BYTES + 1)), /at most 1048576 at a time/);
});

test("given an address, when more instructions are asked for than there may be, then that is refused", async () => {
  const client = await attached(RACE);
  const ask = (instructionCount: number): Promise<unknown> =>
    client.ask("disassemble", { memoryReference: "0x80000000", instructionCount });
  assert.match(await refusal(ask(MAX_INSTRUCTIONS_SHOWN + 1)), /at most 4096 around an address/);
  await ask(MAX_INSTRUCTIONS_SHOWN);
});

test("given the end of a line, then it can become a variable, a member or a register", async () => {
  const client = await attached(RACE);
  const labels = async (text: string, depth = 0): Promise<readonly string[]> => {
    const frameId = (await client.stack())[depth]?.id;
    const { targets } = await client.ask<{ targets: readonly { label: string }[] }>("completions", {
      ...{ text, frameId, column: text.length + 1 },
    });
    return targets.map(({ label }) => label);
  };
  assert.ok((await labels("1 + cr")).includes("crc32"));
  assert.ok((await labels("byt")).includes("bytes"));
  assert.equal(await labels("2*board->memory_s", 5), ["memory_start"]);
  assert.equal(await labels("$mtv"), ["mtvec", "mtval"]);
});

test("given a line that begins with >, then it is the monitor's, and where that moves the machine the client is told", async () => {
  const client = await attached(RACE);
  const repl = async (expression: string): Promise<string> =>
    (await client.ask<{ result: string }>("evaluate", { expression, context: "repl" })).result;
  const { id } = await client.top();
  assert.match(await repl("> when"), /instruction 5390759/);
  await client.ask("scopes", { frameId: id });
  await repl("> replay_seek 1000000");
  const stopped = await client.event<{ reason: string }>("stopped");
  assert.is(stopped.reason, "goto");
  assert.match(await refusal(client.ask("scopes", { frameId: id })), /ask for stackTrace/);
  assert.match(await repl(">when"), /instruction 1000000/);
  void repl("> cont");
  await client.event("stopped");
  assert.match(await refusal(repl("> nonsense")), /there is no command nonsense/);
  const { targets } = await client.ask<{ targets: readonly object[] }>("completions", {
    text: "> replay_s",
    column: 11,
  });
  assert.equal(targets, [{ label: "replay_seek", type: "keyword", start: 2, length: 8 }]);
});

test("given a source that is not here, then it is said what to do", async () => {
  const client = await attached(RACE);
  const asked = client.ask("source", { sourceReference: 0, source: { path: "demo/race.c" } });
  assert.match(await refusal(asked), /demo\/race\.c is not on this disk: sourceMap/);
});

test("given a machine that moved, then what was shown before is no more", async () => {
  const client = await attached(RACE);
  const [locals] = await scopes(client);
  await client.move("stepIn");
  assert.match(await refusal(variables(client, locals?.variablesReference)), /ask for scopes/);
});

test("given more variables than an answer has, then the rest comes with start", async () => {
  const list = (first: number, count: number): readonly Shown[] =>
    Array.from({ length: Math.min(count, MAX_VARIABLES + 1 - first) }, () => ({ name: "", value: "" }));
  const parts = new PartsShown();
  const variablesReference = parts.add({ parts: { count: MAX_VARIABLES + 1, list }, view: {} as View });
  const session = { debuggee: { parts, requireStanding: () => undefined } } as unknown as DapSession;
  const shown = async (start: number): Promise<number> => {
    const answer = await DATA_REQUESTS["variables"]?.(session, { variablesReference, start });
    return (answer as { variables: readonly unknown[] }).variables.length;
  };
  assert.equal([await shown(0), await shown(MAX_VARIABLES)], [MAX_VARIABLES, 1]);
});

test("given more names than completions, then the first are told", async () => {
  const names = { startingWith: () => Array.from({ length: MAX_COMPLETIONS + 1 }, (_, index) => `a${String(index)}`) };
  const view = { names: { ...names, variablesAt: () => [] }, frame: { pc: 0n } } as unknown as View;
  assert.is(completionsOf("a", view).length, MAX_COMPLETIONS);
});

test("given a client that opens more than is kept, then the oldest is forgotten", () => {
  const shown = new PartsShown();
  const opened = { parts: { count: 0, list: () => [] }, view: {} as View };
  const first = shown.add(opened);
  const second = shown.add(opened);
  for (let count = 2; count <= MAX_PARTS_SHOWN; count += 1) shown.add(opened);
  assert.throws(() => shown.get(first), /there is no variablesReference 1/);
  assert.is(shown.get(second), opened);
});

test.run();
