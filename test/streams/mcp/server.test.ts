// The questions as tools, asked by the SDK's own client.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { traps } from "../../../src/streams/past/query/index.js";
import { MAX_TOOL_ROWS, mcpServer } from "../../../src/streams/mcp/index.js";
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
    ["recordings", ...Object.keys(QUESTIONS)],
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

test("given the last row, or the recordings, then that is told", async () => {
  const client = await connected();
  const { rows } = await told(client, "traps", { of: "mei", last: true });
  const last = traps(openRecording("logs/session.fold"), { of: "mei" }).last();
  assert.equal([rows.length, rows[0]?.["icount"], rows[0]?.["pc"]], [1, last?.icount, String(last?.pc)]);
  assert.is((await told(client, "recordings", {})).rows[0]?.["file"], NAME);
});

for (const [what, name, given, says] of [
  ["no such tool", "wriets", {}, /is writes meant/],
  ["nothing to ask about", "writes", {}, /writes: of what/],
  ["a name that is not known", "writes", { of: "nothing" }, /nothing/],
  ["one row more than the bound", "traps", { limit: MAX_TOOL_ROWS + 1 }, /limit 1001: give 1 to 1000/],
  ["another recording", "traps", { recording: "x" }, /recording "x": there are session\.fold/],
  ["a cursor of somebody else's", "traps", { cursor: "12" }, /cursor "12": give the cursor/],
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

test.run();
