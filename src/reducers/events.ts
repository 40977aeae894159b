/**
 * Every event that affects the guest from outside its own computing: the union that is streamed, folded and logged.
 * A new event is one entry here: its codec is also its layout in the log.
 */
import * as t from "io-ts";

import { Bytes, Count, Text, U32, U64, U8 } from "./scalars.js";

/** The codec of each event, by type. `wireId` is its tag in the log: never reuse or renumber one. */
export const EVENTS = {
  /** A byte reached the UART's receiver. */
  "uart16550/byteReceived": { wireId: 1, origin: "input", payload: { byte: U8 } },
  /** The deadline in a hart's mtimecmp was reached. */
  "clint/timerFired": { wireId: 2, origin: "predicted", payload: { hart: U32 } },
  /** All harts were idle, and the virtual clock jumped ahead. */
  "clock/warped": { wireId: 3, origin: "input", payload: { byNs: U64 } },
  /** Work that a device had put off was done. */
  "bottomHalf/ran": { wireId: 4, origin: "predicted", payload: { id: Text } },
  /** The wall clock was read, since the guest is reading the RTC; in ns since the epoch. */
  "goldfishRtc/hostClockRead": { wireId: 5, origin: "input", payload: { hostNs: U64 } },
  /** The wall clock passed the RTC's alarm. */
  "goldfishRtc/alarmFired": { wireId: 6, origin: "input", payload: {} },
  /** The host answered a guest's request for entropy. */
  "virtioRng/entropyProvided": { wireId: 7, origin: "input", payload: { slot: U8, bytes: Bytes } },
  /** Bytes reached a virtio console's receive queue. */
  "virtioConsole/bytesReceived": { wireId: 8, origin: "input", payload: { slot: U8, bytes: Bytes } },
  /** The guest asked for a reset, and the machine restarted. */
  "machine/reset": { wireId: 9, origin: "predicted", payload: { cause: Text } },
  /** The machine stopped for good: by the guest, with its exit code, or by the host (causes: power.ts). */
  "machine/shutdown": { wireId: 10, origin: "predicted", payload: { cause: Text, code: U32 } },
  /** No change: the hash of the whole state was this, here. */
  "checkpoint/hashed": { wireId: 11, origin: "predicted", payload: { hash: U64 } },
  /** The host answered a disk's request: VIRTIO_BLK_S_OK, or S_IOERR. The data are a function of the image and the state. */
  "virtioBlk/requestCompleted": { wireId: 12, origin: "input", payload: { slot: U8, id: Count, status: U8 } },
  /** A frame reached a network device, which took it: without preamble and check sequence. */
  "virtioNet/frameReceived": { wireId: 20, origin: "input", payload: { slot: U8, frame: Bytes } },
  /** The network device's cable was plugged in (1), or came out (0). */
  "virtioNet/linkChanged": { wireId: 21, origin: "input", payload: { slot: U8, up: U8 } },
  /** The host pressed the reset button; `machine/reset` follows at once. */
  "machine/resetRequested": { wireId: 30, origin: "input", payload: { cause: Text } },
} as const satisfies Record<string, EventSpecification>;

interface EventSpecification {
  readonly wireId: number;
  /** `input`: only the host knows it. `predicted`: the state itself expects it, so replay can check it. */
  readonly origin: "input" | "predicted";
  readonly payload: t.Props;
}

type Specifications = typeof EVENTS;

export type EventType = keyof Specifications;

export type EventOf<T extends EventType> = {
  readonly [K in T]: { readonly type: K } & { readonly [P in keyof Specifications[K]["payload"]]: PayloadOf<K, P> };
}[T];

type PayloadOf<K extends EventType, P extends keyof Specifications[K]["payload"]> =
  Specifications[K]["payload"][P] extends t.Type<infer A> ? A : never;

export type MachineEvent = EventOf<EventType>;

/** Where an event stands: `seq` makes the position unique, `icount` aligns it to the guest's instructions. */
export const Position = t.readonly(t.type({ seq: Count, icount: Count }));
export type Position = t.TypeOf<typeof Position>;

/** An event with its position: what the stream carries and the log holds. */
export interface PositionedEvent extends Position {
  readonly event: MachineEvent;
}
