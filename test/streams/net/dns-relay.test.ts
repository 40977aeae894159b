// Questions for the name server: how many are open, and what becomes of them.
import { VirtualTimeScheduler } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { schedulerClock } from "../../../src/streams/host/net/scheduler-clock.js";
import { DnsRelay, MAX_QUESTIONS } from "../../../src/streams/net/dns-relay.js";
import { FakeHost } from "./fake-host.js";
import { pass } from "./pass.js";

const QUESTION = Uint8Array.from(Buffer.from("1234010000010000000000000765786d61706c65036f72670000010001", "hex"));
const SERVFAIL = 2;

const begun = () => {
  const host = new FakeHost();
  const scheduler = new VirtualTimeScheduler();
  const relay = new DnsRelay(schedulerClock(scheduler), host, { address: "192.0.2.53", port: 53 });
  const answers: Uint8Array[] = [];
  const ask = (): void => {
    relay.ask(QUESTION, (bytes) => answers.push(bytes));
  };
  return { host, scheduler, ask, answers };
};

test("given as many open questions as may be, when there is one more, then it fails at once, until another is answered", () => {
  const { host, ask, answers } = begun();
  for (let count = 0; count < MAX_QUESTIONS; count += 1) ask();
  assert.is(answers.length, 0);
  ask();
  assert.equal([answers.length, (answers[0]?.[3] ?? 0) & 0xf, host.datagrams.length], [1, SERVFAIL, MAX_QUESTIONS]);
  host.datagrams[0]?.events.received(Uint8Array.of(1));
  assert.equal(answers[1], Uint8Array.of(1));
  ask();
  assert.equal([answers.length, host.datagrams.length], [2, MAX_QUESTIONS + 1]);
});

test("given a name server that is not there, or silent, then the question fails, and its socket is closed", () => {
  const { host, scheduler, ask, answers } = begun();
  ask();
  host.datagrams[0]?.events.failed({ reason: "refused", message: "" });
  ask();
  pass(scheduler, 4_000);
  assert.equal(
    answers.map((bytes) => (bytes[3] ?? 0) & 0xf),
    [SERVFAIL, SERVFAIL],
  );
  assert.equal(
    host.datagrams.map(({ isClosed }) => isClosed),
    [true, true],
  );
});

test.run();
