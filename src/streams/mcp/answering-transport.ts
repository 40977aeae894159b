/** Two streams as the transport of a server that answers what it was asked before its input ended. */
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { Readable, Writable } from "node:stream";

export class AnsweringTransport extends StdioServerTransport {
  private readonly unanswered = new Set<RequestId>();
  private isAtEnd = false;

  constructor(input: Readable, output: Writable) {
    super(input, output);
    // A server that is connected keeps who listens already.
    this.onmessage = (message) => {
      this.heard(message);
    };
    input.once("end", () => {
      this.isAtEnd = true;
      this.closeIfAnswered();
    });
    // Nobody reads an answer any more.
    output.once("close", () => void this.close());
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message);
    if (!("method" in message) && message.id !== undefined) this.answered(message.id);
  }

  private heard(message: JSONRPCMessage): void {
    if (!("method" in message)) return;
    if ("id" in message) this.unanswered.add(message.id);
    // A request that was taken back gets no answer.
    if (message.method !== "notifications/cancelled") return;
    const id = message.params?.["requestId"];
    if (typeof id === "string" || typeof id === "number") this.answered(id);
  }

  private answered(id: RequestId): void {
    this.unanswered.delete(id);
    this.closeIfAnswered();
  }

  private closeIfAnswered(): void {
    if (this.isAtEnd && this.unanswered.size === 0) void this.close();
  }
}
