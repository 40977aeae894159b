/** Asks the worker. Of what has one name, one request runs: the next one ends it. */
import { WorkerFault, type Asking, type Client } from "../../client.js";
import type { Answer, Ask, RequestName } from "../../protocol.js";

export interface Asker {
  /** Undefined: it was ended. @throws {WorkerFault} */
  readonly ask: <Name extends RequestName>(
    slot: string,
    name: Name,
    ask: Ask<Name>,
    asking?: Omit<Asking<Name>, "signal">,
  ) => Promise<Answer<Name> | undefined>;
  /** Without a name: all that somebody waits for. */
  readonly end: (slot?: string) => void;
}

/** `idle` requests go on when all is ended: nobody waits for them. */
export function askerOf(client: Client): Asker {
  const running = new Map<string, AbortController>();
  return {
    end(slot) {
      for (const [name, controller] of running)
        if (slot === undefined ? !name.startsWith("idle") : name === slot) controller.abort();
    },
    async ask(slot, name, ask, { part, progress } = {}) {
      running.get(slot)?.abort();
      const controller = new AbortController();
      running.set(slot, controller);
      const { signal } = controller;
      try {
        const answer = await client.ask(name, ask, {
          signal,
          part: part && ((told) => !signal.aborted && part(told)),
          progress: progress && ((told) => !signal.aborted && progress(told)),
        });
        return signal.aborted ? undefined : answer;
      } catch (error) {
        if (signal.aborted || (error instanceof WorkerFault && error.name === "Cancelled")) return undefined;
        throw error;
      } finally {
        if (running.get(slot) === controller) running.delete(slot);
      }
    },
  };
}
