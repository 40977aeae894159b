/** A console port of the guest on any pair of byte streams. */
import { filter, ignoreElements, merge, mergeMap, tap, type Observable } from "rxjs";

import type { MachineEvent } from "../../reducers/events.js";
import type { Backend } from "../backend.js";

export type ConsolePort = "uart16550" | "virtioConsole";

export interface ConsoleOptions {
  readonly port?: ConsolePort;
  /** The virtio slot of the console, for input. */
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
    const output$ = effects$.pipe(
      filter((effect) => effect.type === "console/transmitted" && effect.port === port),
      tap((effect) => {
        if (effect.type === "console/transmitted") write(effect.bytes);
      }),
      ignoreElements(),
    );
    if (input$ === undefined) return output$;
    const events = port === "uart16550" ? uartEvents : virtioEvents(slot);
    return merge(output$, input$.pipe(mergeMap(events)));
  };

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
