/** Passes the guest's DNS questions to a name server of the host's choice. */
import { createSocket, type Socket } from "node:dgram";
import type { SchedulerLike } from "rxjs";

import { Alarm } from "./alarm.js";
import { RCODE, refusal } from "./dns-answers.js";
import type { HostEndpoint } from "./router-options.js";

/** After it the question counts as failed; resolvers ask again after 5 s. */
const PATIENCE_MS = 4_000;
const MAX_QUESTIONS = 128;

export class DnsRelay {
  private readonly open = new Map<Socket, Alarm>();

  /** Without a `resolver` all questions are refused. */
  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly resolver: HostEndpoint | undefined,
  ) {}

  ask(question: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    const refuse = (code: number): void => {
      const bytes = refusal(question, code);
      if (bytes !== undefined) answer(bytes);
    };
    const { resolver } = this;
    if (resolver === undefined) {
      refuse(RCODE.refused);
      return;
    }
    if (this.open.size >= MAX_QUESTIONS) return;
    const socket = createSocket("udp4");
    const fail = (): void => {
      if (this.close(socket)) refuse(RCODE.serverFailure);
    };
    const patience = new Alarm(this.scheduler, fail);
    patience.set(PATIENCE_MS);
    this.open.set(socket, patience);
    socket.on("error", fail);
    socket.on("message", (bytes) => {
      if (this.close(socket)) answer(new Uint8Array(bytes));
    });
    socket.connect(resolver.port, resolver.address, () => {
      socket.send(question);
    });
  }

  stop(): void {
    for (const socket of [...this.open.keys()]) this.close(socket);
  }

  private close(socket: Socket): boolean {
    this.open.get(socket)?.clear();
    if (!this.open.delete(socket)) return false;
    socket.close();
    return true;
  }
}
