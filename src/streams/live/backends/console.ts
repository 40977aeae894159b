/** A console of the guest on any pair of byte streams. */
import { filter, ignoreElements, merge, tap, type Observable } from "rxjs";

import { check } from "../../../options/check.js";
import { call, either, exactly, maybe, observable, oneOf, whole } from "../../../options/codecs.js";
import type { Effect } from "../../../reducers/effect.js";
import type { Backend } from "../backend.js";
import { typedInput, type HeldInput, type OfferedAs } from "./typed-input.js";

/** The UART, or the virtio console in a slot. */
export type ConsoleName = "uart16550" | number;

export interface ConsoleOptions {
  readonly port?: "uart16550" | "virtioConsole";
  /** Of a virtio console; default: 0. */
  readonly slot?: number;
  /**
   * What is typed. A source that can bring more than 16 MiB ahead of the guest is given as a function, and holds back
   * while there is no room.
   */
  readonly input$?: Observable<Uint8Array> | HeldInput;
  /** Where what the guest prints goes. */
  readonly write?: (bytes: Uint8Array) => void;
}

/** Larger input is split, so that an event fits the log and the guest's queue. */
const MAX_INPUT_BYTES = 1024;

export const consoleBackend = (options: ConsoleOptions): Backend => {
  check("consoleBackend", CONSOLE_OPTIONS, options);
  const { port = "uart16550", slot = 0, input$, write = () => undefined } = options;
  return (effects$, taken$) => {
    const name = port === "uart16550" ? port : slot;
    const output$ = effects$.pipe(
      filter((effect) => effect.type === "console/transmitted"),
      filter((effect) => transmitterOf(effect) === name),
      tap(({ bytes }) => {
        write(bytes);
      }),
      ignoreElements(),
    );
    if (input$ === undefined) return output$;
    return merge(output$, typedInput(input$, taken$, name === "uart16550" ? UART : virtio(name)));
  };
};

const CONSOLE_OPTIONS = exactly<ConsoleOptions>({
  port: maybe(oneOf("uart16550", "virtioConsole")),
  slot: maybe(whole),
  input$: maybe(either("an Observable, or a function of hasRoom$", observable, call)),
  write: maybe(call),
});

/** Which console printed. */
export const transmitterOf = (effect: Extract<Effect, { type: "console/transmitted" }>): ConsoleName =>
  effect.port === "uart16550" ? effect.port : effect.slot;

const UART: OfferedAs = {
  maxBytes: 1,
  eventOf: ([byte = 0]) => ({ type: "uart16550/byteReceived", byte }),
};

const virtio = (slot: number): OfferedAs => ({
  maxBytes: MAX_INPUT_BYTES,
  eventOf: (bytes) => ({ type: "virtioConsole/bytesReceived", slot, bytes }),
});
