/** What comes from the page, answered: one request is one number, and ends with an answer or a fault. */
import type { Answer, Ask, Fault, FromWorker, Part, RequestName, ToWorker } from "../protocol.js";
import { PageError } from "./cancelled.js";
import { REQUESTS, type Requested } from "./requests.js";
import { Session } from "./session.js";

/** A page asks of what it shows. Who asks for more at once does not cancel what it no longer wants. */
export const MAX_REQUESTS_AT_ONCE = 256;

/** `post`: to the page. A worker has one handler. */
export function handlerOf(post: (message: FromWorker) => void): (message: ToWorker) => void {
  const session = new Session();
  const underWay = new Map<number, AbortController>();

  const answer = async <Name extends RequestName>(id: number, name: Name, ask: Ask<Name>): Promise<Answer<Name>> => {
    if (underWay.size >= MAX_REQUESTS_AT_ONCE) {
      throw new PageError(`${String(MAX_REQUESTS_AT_ONCE)} requests are under way: cancel those that nobody waits for`);
    }
    const requested: Requested[Name] | undefined = REQUESTS[name];
    if (requested === undefined) throw new PageError(`there is no request ${name}`);
    const ending = new AbortController();
    underWay.set(id, ending);
    try {
      return await requested(ask, {
        session,
        signal: ending.signal,
        part: (part: Part<Name>) => {
          if (!ending.signal.aborted) post({ id, part });
        },
        progress: (progress) => {
          if (!ending.signal.aborted) post({ id, progress });
        },
      });
    } finally {
      underWay.delete(id);
    }
  };

  return (message) => {
    const { id } = message;
    if ("cancel" in message) {
      underWay.get(id)?.abort();
      return;
    }
    answer(id, message.name, message.ask).then(
      (found) => {
        post({ id, answer: found });
      },
      (fault: unknown) => {
        post({ id, fault: faultOf(fault) });
      },
    );
  };
}

/** A fault of ours is shown too: a page that hides it can't be mended. */
const faultOf = (fault: unknown): Fault =>
  fault instanceof Error ? { name: fault.name, message: fault.message } : { name: "Error", message: String(fault) };
