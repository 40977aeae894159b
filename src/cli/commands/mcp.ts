/** `foldvm mcp`: a server of the Model Context Protocol on the standard streams; its tools are the questions. */
import { openRecording } from "../../streams/session/open-recording.js";
import { command } from "../command.js";
import { EXIT, SIGNAL_CODES } from "../exit-codes.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { UsageError } from "../problems.js";
import { sayWhereCut } from "../truncation.js";
import type { Signal } from "../../streams/host/stdio.js";

const MAX_RECORDINGS = 64;

export const mcp = command({
  name: "mcp",
  operand: "FILE",
  more: { words: "FILE...", most: MAX_RECORDINGS - 1 },
  summary: "Serves recordings to programs that speak the Model Context Protocol: each question is a tool.",
  options: NAMED_RECORDING_OPTIONS,
  notes:
    "It speaks on the standard streams. Where its input ends, it answers what was asked, and ends. It needs\n@modelcontextprotocol/sdk beside foldvm.\n",
  read: (args) => async (stdio) => {
    const { mcpServer, serveMcp } = await loaded();
    const options = namedRecordingOptions(args);
    const recordings = new Map(args.operands.map((path) => [path, openRecording(path, options)]));
    for (const recording of recordings.values()) sayWhereCut(recording, stdio);
    const server = mcpServer(recordings);
    let signal: Signal | undefined;
    const stopListening = stdio.onSignal((heard) => {
      signal = heard;
      void server.close();
    });
    await serveMcp(server, stdio.stdin, stdio.stdout).finally(stopListening);
    return signal === undefined ? EXIT.done : SIGNAL_CODES[signal];
  },
});

/** @throws {UsageError} where the SDK is not installed. */
async function loaded(): Promise<typeof import("../../streams/mcp/index.js")> {
  try {
    return await import("../../streams/mcp/index.js");
  } catch (fault) {
    if (!(fault instanceof Error && "code" in fault && /MODULE_NOT_FOUND/.test(String(fault.code)))) throw fault;
    throw new UsageError("mcp needs a package that is not here: npm install @modelcontextprotocol/sdk@1.32.2");
  }
}
