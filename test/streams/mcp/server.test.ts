// The questions as tools, asked by the SDK's own client.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { at, traps } from "../../../src/streams/past/query/index.js";
import {
  MAX_TOOL_FRAMES,
  MAX_TOOL_NODES,
  MAX_TOOL_ROWS,
  MAX_VALUE_CHARACTERS,
  mcpServer,
} from "../../../src/streams/mcp/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { QUESTIONS } from "../../../src/streams/session/questions.js";

const NAME = "session.fold";

interface Told {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly cursor?: string;
}

const connected = async (): Promise<Client> => {
  const client = new Client({ name: "test", version: "1" });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await mcpServer(new Map([[NAME, openRecording("logs/session.fold")]])).connect(theirs);
  await client.connect(ours);
  return client;
};

const ask = async (client: Client, name: string, given: object): Promise<{ isError: boolean; text: string }> => {
  const { isError, content } = await client.callTool({ name, arguments: { ...given } });
  const [first] = content as readonly { readonly text: string }[];
  return { isError: isError === true, text: first?.text ?? "" };
};
const told = async (client: Client, name: string, given: object): Promise<Told> => {
  const { isError, text } = await ask(client, name, given);
  assert.is(isError, false, text);
  return JSON.parse(text) as Told;
};

test("given a server, when its tools are listed, then each question is one, with a schema", async () => {
  const { tools } = await (await connected()).listTools();
  assert.equal(
    tools.map(({ name }) => name),
    ["recordings", ...Object.keys(QUESTIONS), "at", "whence", "diff"],
  );
  assert.equal(tools.find(({ name }) => name === "writes")?.inputSchema.required, ["of"]);
});

test("given an answer in pages, when each is asked for by the cursor of the one before, then all rows come once", async () => {
  const client = await connected();
  const rows: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await told(client, "traps", { limit: 7, ...(cursor === undefined ? {} : { cursor }) });
    assert.ok(page.rows.length <= 7);
    rows.push(...page.rows.map(({ icount, cause }) => [icount, cause]));
    ({ cursor } = page);
  } while (cursor !== undefined);
  const expected = traps(openRecording("logs/session.fold")).toArray();
  assert.equal(
    rows,
    expected.map(({ icount, cause }) => [icount, cause]),
  );
});

test("given changes in pages, then each comes once: where a page begins there is none", async () => {
  const client = await connected();
  const asked = { of: "0x80004cb0:8", until: 30_000 };
  const whole = (await told(client, "changes", asked)).rows;
  const rows: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await told(client, "changes", { ...asked, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    rows.push(...page.rows);
    ({ cursor } = page);
  } while (cursor !== undefined);
  assert.ok(rows.length > 1);
  assert.equal(rows, whole);
});

test("given the last row, or the recordings, then that is told", async () => {
  const client = await connected();
  const { rows } = await told(client, "traps", { of: "mei", last: true });
  const last = traps(openRecording("logs/session.fold"), { of: "mei" }).last();
  assert.equal([rows.length, rows[0]?.["icount"], rows[0]?.["pc"]], [1, last?.icount, String(last?.pc)]);
  assert.is((await told(client, "recordings", {})).rows[0]?.["file"], NAME);
});

test("given a moment in words, when it is looked at, then position, function, stack and a value are those of at", async () => {
  const client = await connected();
  const recording = openRecording("logs/session.fold");
  const moment = at(recording, { text: /demo/ });
  const { rows } = await told(client, "at", { at: "/demo/", of: "a0" });
  const [row] = rows;
  assert.equal([row?.["icount"], row?.["pc"], row?.["function"]], [moment.icount, String(moment.pc), moment.function]);
  assert.is(BigInt(row?.["value"] as string), moment.read("a0"));
  const stack = row?.["stack"] as readonly { readonly pc: string }[];
  assert.equal(
    stack.map(({ pc }) => pc),
    moment
      .stack()
      .slice(0, MAX_TOOL_FRAMES)
      .map(({ pc }) => String(pc)),
  );
});

test("given a stack, then a call is told in a few words, and nothing of the machine hangs on it", async () => {
  const { rows } = await told(await connected(), "at", { at: "/demo/" });
  const stack = rows[0]?.["stack"] as readonly object[];
  const members = ["pc", "function", "offset", "file", "line", "isInlined"];
  for (const call of stack) for (const name of Object.keys(call)) assert.ok(members.includes(name), name);
  assert.ok(stack.length > 1);
  assert.ok(JSON.stringify(stack).length < 160 * stack.length, JSON.stringify(stack));
});

test("given a value larger than an answer, then that is an error, and the largest is told", async () => {
  const client = await connected();
  // Two digits a byte, in quotation marks, as a member.
  const most = (MAX_VALUE_CHARACTERS - '{"value":""}'.length) / 2;
  assert.is((await told(client, "at", { of: `0x80000000:${String(most)}` })).rows.length, 1);
  const { text, isError } = await ask(client, "at", { of: `0x80000000:${String(most + 1)}` });
  assert.ok(isError);
  assert.match(text, /the value has \d+ characters; name a part of it/);
});

test("given two moments, then diff names what differs, at most so many rows, and nothing of the same one", async () => {
  const client = await connected();
  const { rows } = await told(client, "diff", { at: "start", otherAt: 1000, limit: 5 });
  assert.is(rows.length, 5);
  assert.equal((await told(client, "diff", { at: 1000, otherAt: "1000" })).rows, []);
});

test("given a register, then whence tells its sources as rows, the first one the value itself", async () => {
  const { rows } = await told(await connected(), "whence", { of: "a0", at: 100_000, nodes: 3 });
  assert.ok(rows.length >= 1 && rows.length <= 3);
  assert.equal([rows[0]?.["relation"], rows[0]?.["place"]], ["root", "a0"]);
});

for (const [what, name, given, says] of [
  ["no such tool", "wriets", {}, /is writes meant/],
  ["nothing to ask about", "writes", {}, /writes: of what/],
  ["a name that is not known", "writes", { of: "nothing" }, /nothing/],
  ["one row more than the bound", "traps", { limit: MAX_TOOL_ROWS + 1 }, /limit 1001: give 1 to 1000/],
  ["another recording", "traps", { recording: "x" }, /recording "x": there are session\.fold/],
  ["a cursor of somebody else's", "traps", { cursor: "12" }, /cursor "12": give the cursor/],
  ["a node more than the bound", "whence", { of: "a0", nodes: MAX_TOOL_NODES + 1 }, /nodes 1001: give 1 to 1000/],
  ["a place to follow that is missing", "whence", {}, /of is missing: give a register/],
  ["one recording alone to compare", "diff", {}, /name another recording, or moments/],
  ["a hart that is not there", "at", { hart: 1 }, /hart 1: the machine has 1/],
  ["a moment that is none", "at", { at: "noon" }, /noon: give an instruction count, seq:N/],
  ["a number that is none", "traps", { from: -1 }, /from -1: give a whole number/],
  ["a text that is none", "output", { of: 5 }, /of 5: give a text/],
] as const) {
  test(`given ${what}, then the tool's error says so, and the server goes on`, async () => {
    const client = await connected();
    const { isError, text } = await ask(client, name, given);
    assert.is(isError, true);
    assert.match(text, says);
    assert.is((await told(client, "traps", { limit: 1 })).rows.length, 1);
  });
}

test("given an argument that a tool does not have, or of another type, then the answer names it and what is meant", async () => {
  const client = await connected();
  for (const [tool, given, says] of [
    ["at", { where: "zzz" }, /^where "zzz": at has no such argument; there are recording, at, hart, of$/],
    ["traps", { limits: 3 }, /^limits 3: traps has no such argument; did you mean limit\?$/],
    ["recordings", { of: "x" }, /^of "x": recordings has no such argument; there are none$/],
    ["traps", { last: "yes" }, /^last "yes": give true or false$/],
  ] as const) {
    const { isError, text } = await ask(client, tool, given);
    assert.is(isError, true);
    assert.match(text, says);
  }
});

test.run();
