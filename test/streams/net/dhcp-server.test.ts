// Leases: who gets which address, and how many there are.
import { VirtualTimeScheduler } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { schedulerClock } from "../../../src/streams/host/net/scheduler-clock.js";
import { DhcpServer, MAX_LEASES } from "../../../src/streams/net/dhcp-server.js";
import { layoutOf, type RouterOptions } from "../../../src/streams/net/router-options.js";
import { pass } from "./pass.js";

const DISCOVER = 1;
const OFFER = 2;
const REQUEST = 3;
const ACK = 5;
const NAK = 6;
const RELEASE = 7;
const INFORM = 8;

const begun = (options: RouterOptions = {}) => {
  const scheduler = new VirtualTimeScheduler();
  const server = new DhcpServer(layoutOf(options), schedulerClock(scheduler));
  /** What is answered to the client with this number: the type, and the address. */
  const ask = (
    client: number,
    type: number,
    { options = [], from = 0 }: { options?: number[]; from?: number } = {},
  ) => {
    const bytes = new Uint8Array(300);
    bytes.set([1, 1, 6, 0, 1, 2, 3, 4]);
    if (from > 0) bytes.set([10, 0, 2, from], 12);
    bytes.set([0x52, 0x54, 0, 0, client >> 8, client & 0xff], 28);
    bytes.set([99, 130, 83, 99, 53, 1, type, ...options, 255], 236);
    const answer = server.answer(bytes);
    return answer === undefined ? undefined : { type: answer[242], address: answer.subarray(16, 20).join("."), answer };
  };
  return {
    ask,
    pass: (ms: number) => {
      pass(scheduler, ms);
    },
  };
};

const wanting = (last: number): { options: number[] } => ({ options: [50, 4, 10, 0, 2, last] });

test("given two clients, when they ask, then each has an address of its own, and the same again", () => {
  const { ask } = begun();
  assert.is(ask(1, DISCOVER)?.address, "10.0.2.15");
  assert.is(ask(2, DISCOVER)?.address, "10.0.2.16");
  assert.is(ask(1, DISCOVER)?.address, "10.0.2.15");
  assert.equal([ask(1, REQUEST, wanting(15))?.type, ask(2, REQUEST, wanting(15))?.type], [ACK, NAK]);
});

test("given an offer that nobody takes, when a minute is over, then another may have it; a lease stays a day", () => {
  const { ask, pass } = begun();
  ask(1, DISCOVER);
  pass(59_000);
  assert.is(ask(2, DISCOVER)?.address, "10.0.2.16");
  pass(1_000);
  assert.is(ask(3, DISCOVER)?.address, "10.0.2.15");
  ask(3, REQUEST, wanting(15));
  pass(86_399_000);
  assert.is(ask(4, DISCOVER)?.address, "10.0.2.16");
  pass(1_000);
  assert.is(ask(5, DISCOVER)?.address, "10.0.2.15");
});

test("given a client that wants an address, when it is the router's, the broadcast's, or below the first, then it gets another or none", () => {
  const { ask } = begun();
  for (const last of [2, 3, 14, 255, 0]) {
    assert.is(ask(1, DISCOVER, wanting(last))?.address, "10.0.2.15", String(last));
    assert.is(ask(2, REQUEST, wanting(last))?.type, NAK, String(last));
  }
  assert.is(ask(1, DISCOVER, wanting(100))?.address, "10.0.2.100");
});

test("given an address that is given back, when another asks, then it has it; nobody gives back another's", () => {
  const { ask } = begun();
  ask(1, REQUEST, wanting(15));
  assert.is(ask(2, RELEASE, { from: 15 }), undefined);
  assert.is(ask(3, DISCOVER)?.address, "10.0.2.16");
  ask(1, RELEASE, { from: 15 });
  assert.is(ask(4, DISCOVER)?.address, "10.0.2.15");
});

test("given another server's offer, when it is taken, then nothing is said", () => {
  const { ask } = begun();
  assert.is(ask(1, REQUEST, { options: [50, 4, 10, 0, 2, 15, 54, 4, 10, 0, 2, 99] }), undefined);
});

test("given a client that has an address of its own, when it asks for the rest, then it gets that alone", () => {
  const { ask } = begun();
  const informed = ask(1, INFORM, { from: 77 });
  assert.equal([informed?.type, informed?.address], [ACK, "0.0.0.0"]);
});

test("given a subnet without a free address, when one more client asks, then it gets none", () => {
  const net = { address: "10.0.2.0", bits: 28 };
  const { ask } = begun({ net, dhcpStart: "10.0.2.13" });
  assert.is(ask(1, DISCOVER)?.address, "10.0.2.13");
  assert.is(ask(2, DISCOVER)?.address, "10.0.2.14");
  assert.is(ask(3, DISCOVER), undefined, "10.0.2.15 is the broadcast");
});

test("given as many leases as may be, when one more client asks, then it gets none, and those that have one keep it", () => {
  const { ask, pass } = begun();
  for (let client = 0; client < MAX_LEASES; client += 1) assert.is(ask(client, DISCOVER)?.type, OFFER);
  assert.is(ask(MAX_LEASES, DISCOVER), undefined);
  assert.is(ask(MAX_LEASES, REQUEST, wanting(200))?.type, NAK);
  assert.is(ask(0, REQUEST, wanting(15))?.type, ACK);
  pass(60_000);
  assert.is(ask(MAX_LEASES, DISCOVER)?.type, OFFER);
});

test("given a file to boot from, when a client asks, then its name and the router's address come along", () => {
  const { ask } = begun({ bootFile: "pxelinux.0" });
  const answer = Buffer.from(ask(1, DISCOVER)?.answer ?? []);
  assert.is(answer.subarray(108, 119).toString(), "pxelinux.0\0");
  assert.is(answer.subarray(20, 24).join("."), "10.0.2.2");
});

test.run();
