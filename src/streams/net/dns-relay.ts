/** Passes the guest's DNS questions to a name server that the user chose. */
import { Alarm } from "./alarm.js";
import type { Clock } from "./clock.js";
import { RCODE, refusal } from "./dns-answers.js";
import type { DatagramSocket, HostEndpoint, RouterHost } from "./router-host.js";

/** A question without an answer fails after this time. Resolvers ask again after 5 s. */
const PATIENCE_MS = 4_000;
/** The limit on open questions. Further ones fail. */
export const MAX_QUESTIONS = 128;

export class DnsRelay {
  private readonly open = new Set<() => void>();

  /** Without a `resolver`, all questions are refused. */
  constructor(
    private readonly clock: Clock,
    private readonly host: RouterHost,
    private readonly resolver: HostEndpoint | undefined,
  ) {}

  ask(question: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    const refuse = (code: number): void => {
      const bytes = refusal(question, code);
      if (bytes !== undefined) answer(bytes);
    };
    if (this.resolver === undefined) refuse(RCODE.refused);
    else if (this.open.size >= MAX_QUESTIONS) refuse(RCODE.serverFailure);
    else
      this.pass(this.resolver, question, answer, () => {
        refuse(RCODE.serverFailure);
      });
  }

  stop(): void {
    for (const close of [...this.open]) close();
  }

  private pass(to: HostEndpoint, question: Uint8Array, answer: (bytes: Uint8Array) => void, fail: () => void): void {
    const close = (): void => {
      patience.clear();
      socket.close();
      this.open.delete(close);
    };
    const failed = (): void => {
      close();
      fail();
    };
    const patience = new Alarm(this.clock, failed);
    const socket: DatagramSocket = this.host.openDatagrams(to, {
      received: (bytes) => {
        close();
        answer(bytes);
      },
      failed,
    });
    this.open.add(close);
    patience.set(PATIENCE_MS);
    socket.send(question);
  }
}
