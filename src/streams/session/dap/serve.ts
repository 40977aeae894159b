/** A client on two streams: until it leaves, vanishes, or says what can't be understood. */
import type { Readable, Writable } from "node:stream";

import type { DebugProtocol } from "@vscode/debugprotocol";

import type { Launcher } from "./launcher.js";
import { messageBytes, MessageError, MessageReader } from "./messages.js";
import { REQUESTS } from "./requests/index.js";
import { DapSession } from "./session.js";

/** Resolves when it has left; with the reason, where it was not understood. */
export function serveDap(
  { input, output }: { readonly input: Readable; readonly output: Writable },
  launch: Launcher,
): Promise<MessageError | undefined> {
  return new Promise((resolve) => {
    let fault: MessageError | undefined;
    const session = new DapSession({
      requests: REQUESTS,
      launch,
      left: () => {
        // An input that stays open would keep the process.
        input.destroy();
        resolve(fault);
      },
    });
    session.onDidSendMessage((message) => {
      if (output.writable) output.write(messageBytes(message));
    });
    const reader = new MessageReader();
    input.on("data", (bytes: Uint8Array) => {
      try {
        for (const message of reader.read(bytes)) session.handleMessage(messageOf(message));
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        fault = error;
        void session.leave();
      }
    });
    for (const event of ["end", "close", "error"]) input.on(event, () => void session.leave());
    output.on("error", () => void session.leave());
  });
}

/** @throws {MessageError} */
function messageOf(message: unknown): DebugProtocol.ProtocolMessage {
  if (typeof message === "object" && message !== null && "type" in message) {
    const { type, command } = message as { readonly type: unknown; readonly command?: unknown };
    if (type !== "request" || typeof command === "string") return message as DebugProtocol.ProtocolMessage;
  }
  throw new MessageError("a message is an object with a type, and a request has a command");
}
