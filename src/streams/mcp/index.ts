/** A server of the Model Context Protocol whose tools ask recordings: the entry `foldvm/mcp`. */
// McpServer wants its schemas in zod; ours come from the table of questions.
/* oxlint-disable typescript/no-deprecated */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Readable, Writable } from "node:stream";

import { check } from "../../options/check.js";
import { exactly, having, value } from "../../options/codecs.js";
import { version } from "../host/version.js";
import type { Recording } from "../past/recording.js";
import { AnsweringTransport } from "./answering-transport.js";
import { callTool, toolsFor } from "./tools.js";

export { MAX_TOOL_FRAMES, MAX_TOOL_NODES, MAX_VALUE_CHARACTERS } from "./moment-tools.js";
export { MAX_TOOL_ROWS } from "./tools.js";

/** Recordings by the names under which they are asked. Connect it to a transport. @throws {OptionError} */
export function mcpServer(recordings: ReadonlyMap<string, Recording>): Server {
  check("mcpServer", exactly<{ readonly recordings: unknown }>({ recordings: RECORDINGS }), { recordings });
  const server = new Server({ name: "foldvm", version: version() }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...toolsFor(recordings)] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: given = {} } }, { signal }) => {
    try {
      const text = JSON.stringify(await callTool(recordings, name, given, signal));
      return { content: [{ type: "text" as const, text }] };
    } catch (fault) {
      // The one who asked can do better: it is no fault of the server's.
      const text = fault instanceof Error ? fault.message : String(fault);
      return { content: [{ type: "text" as const, text }], isError: true };
    }
  });
  return server;
}

/**
 * Serves on two streams until the input has ended and what was asked is answered, or the server is closed.
 *
 * @throws {OptionError}
 */
export async function serveMcp(server: Server, input: Readable, output: Writable): Promise<void> {
  check("serveMcp", exactly<Served>({ server: SERVER, input: READABLE, output: WRITABLE }), { server, input, output });
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  await server.connect(new AnsweringTransport(input, output));
  await closed;
}

interface Served {
  readonly server: unknown;
  readonly input: unknown;
  readonly output: unknown;
}

const SERVER = having("a server, as mcpServer returns", "connect", "close");
const READABLE = having("a stream that is read", "on", "once", "read");
const WRITABLE = having("a stream that is written to", "write", "once");
const RECORDINGS = value("a Map of recordings by name", (given) => given instanceof Map && given.size > 0);
