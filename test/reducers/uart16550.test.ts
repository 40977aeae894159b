import { test } from "uvu";
import * as assert from "uvu/assert";

import { receiveRoom, uart16550, type Uart16550State } from "../../src/reducers/uart16550.js";
import { stepped } from "./stepped.js";

const { effects, load, reduce, ...rest } = stepped(uart16550);
const initialState = rest.initialState();
const interruptLine = (state: Uart16550State): boolean => uart16550.interruptLine?.(state) === true;

const FIFO_DEPTH = 16;
const store = (state: Uart16550State, offset: number, value: number): Uart16550State =>
  reduce(state, { type: "bus/stored", offset, width: 1, value: BigInt(value) });
const read = (state: Uart16550State, offset: number): [number, Uart16550State] => [
  Number(load(state, { offset, width: 1 })),
  reduce(state, { type: "bus/loaded", offset, width: 1 }),
];
const receive = (state: Uart16550State, ...bytes: number[]): Uart16550State =>
  bytes.reduce((before, byte) => reduce(before, { type: "uart16550/byteReceived", byte }), state);
const withFifo = store(initialState, 2, 0x01);

test("given bytes in the FIFO, when RBR is read, then they come in order and DR falls with the last", () => {
  let state = receive(withFifo, 65, 66);
  const bytes: number[] = [];
  while ((Number(load(state, { offset: 5, width: 1 })) & 1) !== 0) {
    const [byte, after] = read(state, 0);
    bytes.push(byte);
    state = after;
  }
  assert.equal(bytes, [65, 66]);
  assert.is(read(state, 0)[0], 0);
});

test("given a full FIFO, when one more byte arrives, then it is lost, OE is set and reading LSR clears it", () => {
  const full = receive(withFifo, ...Array.from({ length: FIFO_DEPTH }, (_, index) => index));
  assert.is(receiveRoom(full), 0);
  const [status, after] = read(receive(full, 99), 5);
  assert.is(status & 0x03, 0x03);
  assert.is(read(after, 5)[0] & 0x03, 0x01);
  assert.equal(after.received, full.received);
});

test("given received data with its interrupt enabled, when no trigger level is reached, then it interrupts at once as a timeout", () => {
  const state = receive(store(store(withFifo, 2, 0xc1), 1, 0x01), 65);
  assert.ok(interruptLine(state));
  assert.is(read(state, 2)[0], 0xcc);
  assert.is(read(receive(state, ...Array.from({ length: 13 }, () => 0)), 2)[0], 0xc4);
});

test("given several causes, when the IIR is read, then line status comes before data, and data before THRE", () => {
  const enabled = store(initialState, 1, 0x07);
  assert.is(read(receive(enabled, 1, 2), 2)[0], 0x06);
  assert.is(read(receive(enabled, 1), 2)[0], 0x04);
  const [first, after] = read(enabled, 2);
  assert.is(first, 0x02);
  assert.is(read(after, 2)[0], 0x01);
});

test("given loopback, when a byte is stored, then it is received and nothing reaches the console", () => {
  const looped = store(initialState, 4, 0x1f);
  const event = { type: "bus/stored", offset: 0, width: 1, value: 0x42n } as const;
  assert.equal(effects(looped, event), []);
  assert.is(read(reduce(looped, event), 0)[0], 0x42);
  assert.is(read(looped, 6)[0], 0xf0);
});

test("given a byte stored without loopback or DLAB, when effects are asked for, then it is the console's", () => {
  const event = { type: "bus/stored", offset: 0, width: 1, value: 0x42n } as const;
  assert.equal(effects(initialState, event), [
    { type: "console/transmitted", port: "uart16550", bytes: Uint8Array.of(0x42) },
  ]);
  assert.equal(effects(store(initialState, 3, 0x80), event), []);
});

test("given a driver that polls, when it reads LSR and stores bytes, then the state stays the very same", () => {
  const state = store(initialState, 0, 1);
  assert.is(store(state, 0, 2), state);
  assert.is(read(state, 5)[1], state);
  assert.is(read(state, 0)[1], state);
});

test("given a state that is held, when bytes come and go, then it stays as it was", () => {
  const held = receive(withFifo, 65);
  read(receive(held, 66), 0);
  assert.equal(held.received, [65]);
  assert.throws(() => {
    (held.received as number[]).push(1);
  });
});

test.run();
