/** The page's side of the protocol: a request is a promise, its parts and its progress are told meanwhile. */
import type { Answer, Ask, Fault, FromWorker, Part, Progress, RequestName, ToWorker } from "./protocol.js";

/** What the worker could not do, or did no more. `name` tells of what kind: `Cancelled` where the signal said so. */
export class WorkerFault extends Error {
  constructor({ name, message }: Fault) {
    super(message);
    this.name = name;
  }
}

export interface Asking<Name extends RequestName> {
  readonly signal?: AbortSignal | undefined;
  readonly part?: ((part: Part<Name>) => void) | undefined;
  readonly progress?: ((progress: Progress) => void) | undefined;
}

export interface Client {
  ask<Name extends RequestName>(name: Name, ask: Ask<Name>, asking?: Asking<Name>): Promise<Answer<Name>>;
}

/** A Worker, or what stands for one. */
export interface Port {
  postMessage(message: ToWorker): void;
  addEventListener(type: "message", listen: (event: { readonly data: FromWorker }) => void): void;
}

interface Waiting {
  readonly part: (part: unknown) => void;
  readonly progress: (progress: Progress) => void;
  readonly answer: (answer: unknown) => void;
  readonly fault: (fault: Fault) => void;
}

/** `ended`: says why, where nobody answers any more. Then every request is a fault. */
export function clientOf(port: Port, ended?: Promise<string>): Client {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let dead: Fault | undefined;
  void ended?.then((why) => {
    dead = { name: "WorkerEnded", message: `the replay behind this page has ended: ${why}` };
    for (const asked of waiting.values()) asked.fault(dead);
    waiting.clear();
  });
  port.addEventListener("message", ({ data }) => {
    const asked = waiting.get(data.id);
    if (asked === undefined) return;
    if ("part" in data) asked.part(data.part);
    else if ("progress" in data) asked.progress(data.progress);
    else {
      waiting.delete(data.id);
      if ("answer" in data) asked.answer(data.answer);
      else asked.fault(data.fault);
    }
  });
  return {
    ask: <Name extends RequestName>(name: Name, ask: Ask<Name>, { signal, part, progress }: Asking<Name> = {}) =>
      new Promise<Answer<Name>>((resolve, reject) => {
        if (dead !== undefined) {
          reject(new WorkerFault(dead));
          return;
        }
        const id = (lastId += 1);
        const cancel = (): void => {
          port.postMessage({ id, cancel: true });
        };
        const settle = (): void => {
          signal?.removeEventListener("abort", cancel);
        };
        waiting.set(id, {
          part: (one) => part?.(one as Part<Name>),
          progress: (one) => progress?.(one),
          answer(answer) {
            settle();
            resolve(answer as Answer<Name>);
          },
          fault(fault) {
            settle();
            reject(new WorkerFault(fault));
          },
        });
        port.postMessage({ id, name, ask } as ToWorker);
        if (signal?.aborted === true) cancel();
        else signal?.addEventListener("abort", cancel);
      }),
  };
}
