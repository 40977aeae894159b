/** A console of the guest on any pair of byte streams. */
import { filter, ignoreElements, merge, mergeMap, tap, type Observable } from "rxjs";

import type { Effect } from "../../../reducers/device.js";
import type { MachineEvent } from "../../../reducers/events.js";
import type { Backend } from "../backend.js";

/** The UART, or the virtio console in a slot. */
export type ConsoleName = "uart16550" | number;

export interface ConsoleOptions {
  readonly port?: "uart16550" | "virtioConsole";
  /** Of a virtio console; default: 0. */
  readonly slot?: number;
  /** What is typed. */
  readonly input$?: Observable<Uint8Array>;
  /** Where what the guest prints goes. */
  readonly write?: (bytes: Uint8Array) => void;
}

/** Larger input is split, so that an event fits the log and the guest's queue. */
const MAX_INPUT_BYTES = 1024;

export const consoleBackend =
  ({ port = "uart16550", slot = 0, input$, write = () => undefined }: ConsoleOptions): Backend =>
  (effects$) => {
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
    const events = name === "uart16550" ? uartEvents : virtioEvents(name);
    return merge(output$, input$.pipe(mergeMap(events)));
  };

/** Which console printed. */
export const transmitterOf = (effect: Extract<Effect, { type: "console/transmitted" }>): ConsoleName =>
  effect.port === "uart16550" ? effect.port : effect.slot;

const uartEvents = (bytes: Uint8Array): MachineEvent[] =>
  Array.from(bytes, (byte): MachineEvent => ({ type: "uart16550/byteReceived", byte }));

const virtioEvents =
  (slot: number) =>
  (bytes: Uint8Array): MachineEvent[] =>
    Array.from({ length: Math.ceil(bytes.length / MAX_INPUT_BYTES) }, (_, index) => ({
      type: "virtioConsole/bytesReceived",
      slot,
      bytes: bytes.slice(index * MAX_INPUT_BYTES, (index + 1) * MAX_INPUT_BYTES),
    }));
