/** Types at a guest's console in random pieces at random host times. */
import { Subject } from "rxjs";

import type { Random } from "./seeded-random.js";

export interface Step {
  /** Typed once the console has shown this, after what the step before waited for; absent: at once. */
  readonly awaits?: string;
  readonly types: string;
  /** Each piece comes within this time of the one before. */
  readonly withinMs?: number;
}

export interface Typist {
  readonly input$: Subject<Uint8Array>;
  /** All that the console has shown. */
  readonly heard: () => Buffer;
  readonly hear: (bytes: Uint8Array) => void;
  /** Ends the typing, with the guest. */
  readonly stop: () => void;
}

const PIECE_BYTES = 5;
const WITHIN_MS = 8;

export const typist = (random: Random, steps: readonly Step[]): Typist => {
  const input$ = new Subject<Uint8Array>();
  const heard: Uint8Array[] = [];
  const waiting = [...steps];
  let unread = "";
  let typing = "";
  let withinMs = WITHIN_MS;
  let timer: NodeJS.Timeout | undefined;

  const type = (): void => {
    const piece = typing.slice(0, 1 + random(PIECE_BYTES));
    typing = typing.slice(piece.length);
    timer = undefined;
    input$.next(new TextEncoder().encode(piece));
    next();
  };
  const next = (): void => {
    if (timer !== undefined) return;
    if (typing === "") {
      const [step] = waiting;
      if (step === undefined) return;
      const { awaits = "" } = step;
      const found = unread.indexOf(awaits);
      if (found < 0) return;
      unread = unread.slice(found + awaits.length);
      waiting.shift();
      typing = step.types;
      withinMs = step.withinMs ?? WITHIN_MS;
    }
    timer = setTimeout(type, random(withinMs + 1));
  };
  setTimeout(next);

  return {
    input$,
    heard: () => Buffer.concat(heard),
    hear: (bytes) => {
      heard.push(Uint8Array.from(bytes));
      unread += Buffer.from(bytes).toString("latin1");
      next();
    },
    stop: () => {
      clearTimeout(timer);
      waiting.length = 0;
      typing = "";
    },
  };
};
