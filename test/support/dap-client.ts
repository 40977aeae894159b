/** A client of the debug adapter as an editor is one: requests out, answers and events in. */
import { PassThrough } from "node:stream";

import type { DebugProtocol } from "@vscode/debugprotocol";

import { messageBytes, MessageReader } from "../../src/streams/session/dap/messages.js";
import { serveDap } from "../../src/streams/session/dap/serve.js";
import type { Launcher } from "../../src/streams/session/dap/launcher.js";

type Message = DebugProtocol.Response | DebugProtocol.Event;

/** An answer that says no. */
export class Refused extends Error {}

export class DapClient {
  readonly events: DebugProtocol.Event[] = [];
  private seq = 0;
  private readonly answers = new Map<number, (response: DebugProtocol.Response) => void>();
  private waiting: (() => void)[] = [];

  constructor(private readonly write: (bytes: Uint8Array) => void) {}

  /** What the adapter says. */
  receive(message: unknown): void {
    const said = message as Message;
    if (said.type === "response")
      this.answers.get((said as DebugProtocol.Response).request_seq)?.(said as DebugProtocol.Response);
    else this.events.push(said as DebugProtocol.Event);
    for (const look of this.waiting) look();
  }

  /** Its body. Fails with what the answer says. */
  async ask<Body = Record<string, unknown>>(command: string, given: object = {}): Promise<Body> {
    const seq = (this.seq += 1);
    const answered = new Promise<DebugProtocol.Response>((resolve) => this.answers.set(seq, resolve));
    this.write(messageBytes({ seq, type: "request", command, arguments: given }));
    const response = await answered;
    if (!response.success) throw new Refused(response.message ?? "");
    return (response.body ?? {}) as Body;
  }

  /** The next event of a kind since the last one that was waited for. */
  async event<Body = Record<string, unknown>>(kind: string): Promise<Body> {
    for (;;) {
      const at = this.events.findIndex(({ event }) => event === kind);
      if (at >= 0) return (this.events.splice(at, 1)[0]?.body ?? {}) as Body;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      this.waiting = [];
    }
  }

  /** Moves, and says why it then stands. */
  async move(command: string, given: object = {}): Promise<DebugProtocol.StoppedEvent["body"]> {
    await this.ask(command, { threadId: 1, ...given });
    return this.event("stopped");
  }

  async stack(threadId = 1): Promise<readonly DebugProtocol.StackFrame[]> {
    return (await this.ask<DebugProtocol.StackTraceResponse["body"]>("stackTrace", { threadId })).stackFrames;
  }

  /** The innermost call. */
  async top(threadId = 1): Promise<DebugProtocol.StackFrame> {
    const [top] = await this.stack(threadId);
    if (top === undefined) throw new Error("there is no frame");
    return top;
  }
}

/** With an adapter in this process. */
export function connectDap(launch: Launcher = () => Promise.reject(new Error("nothing is launched here"))): {
  readonly client: DapClient;
  /** Of the adapter. */
  readonly ended: ReturnType<typeof serveDap>;
  readonly input: PassThrough;
} {
  const input = new PassThrough();
  const output = new PassThrough();
  const client = new DapClient((bytes) => input.write(bytes));
  const reader = new MessageReader();
  output.on("data", (bytes: Uint8Array) => {
    for (const message of reader.read(bytes)) client.receive(message);
  });
  return { client, ended: serveDap({ input, output }, launch), input };
}

/** At its start, or at a place. */
export async function attached(given: object, configure?: (client: DapClient) => Promise<void>): Promise<DapClient> {
  const { client } = connectDap();
  await client.ask("initialize", { adapterID: "foldvm", pathFormat: "path" });
  await client.ask("attach", given);
  await client.event("initialized");
  await configure?.(client);
  await client.ask("configurationDone");
  await client.event("stopped");
  return client;
}
