/**
 * The 16550A UART (PC16550D data sheet; where that leaves room, QEMU's serial.c).
 *
 * Transmission takes no time. A byte leaves as it is stored, so THRE and TEMT are always set. A FIFO below its trigger
 * level indicates the character timeout as soon as it holds a byte, not after four characters' time. A timer would add
 * an event to each keystroke, and no driver can tell a fast line from a slow one.
 */
import { produce, type Draft } from "immer";
import * as t from "io-ts";

import type { BusAccess, Device, Step, Stored } from "./device.js";
import { NO_EFFECTS, type Effect } from "./effect.js";
import type { EventIn, EventTable } from "./event-table.js";
import { U32, U8 } from "./scalars.js";

/** The oscillator, which the divisor latch divides by 16 times the baud rate. */
const CLOCK_HZ = 3_686_400;

export const Uart16550State = t.readonly(
  t.type({
    ier: U8,
    fcr: U8,
    lcr: U8,
    mcr: U8,
    scr: U8,
    divisor: U32,
    /** What the RBR holds while the FIFO is off. It stays readable after it was read. */
    rbr: U8,
    /** Received bytes, oldest first: at most 16 with the FIFO on, else at most one. */
    received: t.readonlyArray(U8),
    overrun: t.boolean,
    /** The THRE interrupt. The empty THR sets it; reading it from the IIR clears it (§8.6.5). */
    thrPending: t.boolean,
  }),
);
export type Uart16550State = t.TypeOf<typeof Uart16550State>;

const EVENTS = {
  /** A byte reached the UART's receiver. */
  "uart16550/byteReceived": { wireId: 1, origin: "input", payload: { byte: U8 } },
} as const satisfies EventTable;
type Uart16550Event = EventIn<typeof EVENTS>;

const initialState: Uart16550State = {
  ier: 0,
  fcr: 0,
  lcr: 0,
  mcr: 0x08,
  scr: 0,
  divisor: 12,
  rbr: 0,
  received: [],
  overrun: false,
  thrPending: false,
};

/** How many bytes fit before one is lost. The host holds back the rest. */
export const receiveRoom = (state: Uart16550State): number =>
  ((state.fcr & FCR_ENABLE) === 0 ? 1 : FIFO_DEPTH) - state.received.length;

/** The two frequent accesses, sending a byte and reading a register, change nothing and are not drafted. */
const step = (state: Uart16550State, event: BusAccess | Uart16550Event): Step<Uart16550State> => {
  if (event.type === "bus/stored" && event.offset === RBR_THR && (state.lcr & LCR_DLAB) === 0) {
    return transmit(state, event);
  }
  if (event.type === "bus/loaded" && !readChanges(state, event.offset)) return [state, NO_EFFECTS];
  const after = produce(state, (draft) => {
    switch (event.type) {
      case "uart16550/byteReceived":
        receive(state, draft, event.byte);
        break;
      case "bus/loaded":
        read(state, draft, event.offset);
        break;
      case "bus/stored":
        store(draft, event.offset, Number(event.value & 0xffn));
        break;
      default:
        event satisfies never;
    }
  });
  return [after, NO_EFFECTS];
};

export const uart16550: Device<"uart16550", Uart16550State, typeof EVENTS> = {
  name: "uart16550",
  model: "serial-mm",
  place: { base: 0x1000_0000, sizeBytes: 0x100, source: 10 },
  codec: Uart16550State,
  initialState: () => initialState,
  events: EVENTS,
  step,
  /** Eight byte-wide registers. A wider access reaches the first one that it covers, as in QEMU. */
  accepts: ({ offset, width }) => offset % width === 0 && offset < REGISTERS,
  load: (state, { offset }) => BYTES[register(state, offset)] ?? 0n,
  loadHasEffect: ({ offset }) => offset === RBR_THR || offset === IIR_FCR || offset === LSR,
  /** Of the bytes that are there, the first one is read; they came in one after the other. */
  origin: (state, { offset }) =>
    offset === RBR_THR && (state.lcr & LCR_DLAB) === 0 && (state.mcr & MCR_LOOP) === 0
      ? { kind: "event", type: "uart16550/byteReceived", back: Math.max(0, state.received.length - 1) }
      : undefined,
  canTake: (state) => receiveRoom(state) > 0,
  interruptLine: (state) => (iir(state) & IIR_NONE) === 0,
  node: {
    name: "serial",
    properties: ["interrupts", ["clock-frequency", CLOCK_HZ], "reg", ["compatible", ["ns16550a"]]],
    isStdout: true,
  },
};

const FIFO_DEPTH = 16;
const REGISTERS = 8;
/** The guest polls the LSR, so its value must not allocate a bigint. */
const BYTES: readonly bigint[] = Array.from({ length: 256 }, (_, byte) => BigInt(byte));

const RBR_THR = 0;
const IER = 1;
const IIR_FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;

const IER_RECEIVED = 0x01;
const IER_THRE = 0x02;
const IER_LINE_STATUS = 0x04;
const IIR_NONE = 0x01;
const FCR_ENABLE = 0x01;
const FCR_RESET_RECEIVER = 0x02;
const FCR_RESET_TRANSMITTER = 0x04;
const FCR_STICKY = 0xc9;
const LCR_DLAB = 0x80;
const MCR_LOOP = 0x10;
const LSR_DATA_READY = 0x01;
const LSR_OVERRUN = 0x02;
const LSR_TRANSMITTER_EMPTY = 0x60;
/** DCD, DSR and CTS: the other side is there. They never change, so there is no modem status interrupt. */
const MSR_CONNECTED = 0xb0;
/** Receiver trigger levels by FCR bits 7-6. */
const TRIGGER_LEVELS = [1, 4, 8, 14] as const;

const register = (state: Uart16550State, offset: number): number => {
  const divisorLatch = (state.lcr & LCR_DLAB) !== 0;
  switch (offset) {
    case RBR_THR:
      if (divisorLatch) return state.divisor & 0xff;
      return (state.fcr & FCR_ENABLE) === 0 ? state.rbr : (state.received[0] ?? 0);
    case IER:
      return divisorLatch ? state.divisor >> 8 : state.ier;
    case IIR_FCR:
      return iir(state);
    case LCR:
      return state.lcr;
    case MCR:
      return state.mcr;
    case LSR:
      return (
        LSR_TRANSMITTER_EMPTY | (state.received.length > 0 ? LSR_DATA_READY : 0) | (state.overrun ? LSR_OVERRUN : 0)
      );
    case MSR:
      return (state.mcr & MCR_LOOP) === 0 ? MSR_CONNECTED : loopedModemStatus(state.mcr);
    case SCR:
      return state.scr;
    default:
      return 0;
  }
};

/** §8.6.7: in loopback OUT2, OUT1, RTS and DTR appear as DCD, RI, CTS and DSR. */
const loopedModemStatus = (mcr: number): number => ((mcr & 0x0c) << 4) | ((mcr & 0x02) << 3) | ((mcr & 0x01) << 5);

/** Table IV: the interrupts' priorities. */
const iir = (state: Uart16550State): number => {
  const fifo = (state.fcr & FCR_ENABLE) !== 0;
  const fifoBits = fifo ? 0xc0 : 0;
  const waiting = state.received.length;
  if ((state.ier & IER_LINE_STATUS) !== 0 && state.overrun) return fifoBits | 0x06;
  if ((state.ier & IER_RECEIVED) !== 0 && waiting > 0) {
    return fifoBits | (fifo && waiting < (TRIGGER_LEVELS[state.fcr >> 6] ?? 1) ? 0x0c : 0x04);
  }
  if ((state.ier & IER_THRE) !== 0 && state.thrPending) return fifoBits | 0x02;
  return fifoBits | IIR_NONE;
};

/** New lists are made from the undrafted state: a draft of a list costs more with each item. */
const receive = (state: Uart16550State, draft: Draft<Uart16550State>, byte: number): void => {
  const isFull = receiveRoom(state) <= 0;
  if (isFull) draft.overrun = true;
  // §8.4: with the FIFO on, a byte that meets a full FIFO is lost. With the FIFO off, it replaces the unread byte.
  if ((state.fcr & FCR_ENABLE) === 0) {
    draft.rbr = byte;
    draft.received = [byte];
  } else if (!isFull) {
    draft.received = [...state.received, byte];
  }
};

const readChanges = (state: Uart16550State, offset: number): boolean => {
  switch (offset) {
    case RBR_THR:
      return state.received.length > 0 && (state.lcr & LCR_DLAB) === 0;
    case IIR_FCR:
      return (iir(state) & 0x06) === 0x02;
    case LSR:
      return state.overrun;
    default:
      return false;
  }
};

const read = (state: Uart16550State, draft: Draft<Uart16550State>, offset: number): void => {
  if (offset === RBR_THR) draft.received = state.received.slice(1);
  else if (offset === IIR_FCR) draft.thrPending = false;
  else draft.overrun = false;
};

const store = (draft: Draft<Uart16550State>, offset: number, value: number): void => {
  const divisorLatch = (draft.lcr & LCR_DLAB) !== 0;
  switch (offset) {
    case RBR_THR:
      draft.divisor = (draft.divisor & 0xff00) | value;
      break;
    case IER: {
      if (divisorLatch) {
        draft.divisor = (draft.divisor & 0x00ff) | (value << 8);
        break;
      }
      // Enabling the THRE interrupt raises it while the THR is empty, even if it was read from the IIR before. This is
      // not in the data sheet, but guests rely on it (QEMU, Bochs).
      if (((draft.ier ^ value) & IER_THRE) !== 0) draft.thrPending = (value & IER_THRE) !== 0;
      draft.ier = value & 0x0f;
      break;
    }
    case IIR_FCR: {
      const toggled = ((draft.fcr ^ value) & FCR_ENABLE) !== 0;
      if (toggled || (value & FCR_RESET_RECEIVER) !== 0) draft.received = [];
      if (toggled || (value & FCR_RESET_TRANSMITTER) !== 0) draft.thrPending = true;
      draft.fcr = value & FCR_STICKY;
      break;
    }
    case LCR:
      draft.lcr = value;
      break;
    case MCR:
      draft.mcr = value & 0x1f;
      break;
    case SCR:
      draft.scr = value;
      break;
    default:
      break;
  }
};

/**
 * The byte leaves at once, so the THR is empty again. Mostly it was empty before, and nothing changes. In loopback the
 * byte returns.
 */
const transmit = (state: Uart16550State, { value }: Stored): Step<Uart16550State> => {
  const byte = Number(value & 0xffn);
  const isLooped = (state.mcr & MCR_LOOP) !== 0;
  const effects: readonly Effect[] = isLooped
    ? NO_EFFECTS
    : [{ type: "console/transmitted", port: "uart16550", bytes: Uint8Array.of(byte) }];
  if (!isLooped && state.thrPending) return [state, effects];
  const after = produce(state, (draft) => {
    if (isLooped) receive(state, draft, byte);
    draft.thrPending = true;
  });
  return [after, effects];
};
