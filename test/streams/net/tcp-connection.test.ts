// Both ends of a TCP connection, on a wire that loses, doubles and delays what a seeded chance picks, in virtual time.
import { VirtualTimeScheduler } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { schedulerClock } from "../../../src/streams/host/net/scheduler-clock.js";
import {
  MAX_FLIGHT_BYTES,
  MAX_RETRANSMISSIONS,
  MAX_SYN_RETRANSMISSIONS,
  TcpConnection,
  type TcpApplication,
} from "../../../src/streams/net/tcp-connection.js";
import { MAX_UNCONSUMED_BYTES } from "../../../src/streams/net/receive-window.js";
import { ACK, RST, SYN, type TcpSegment } from "../../../src/streams/net/tcp-segment.js";
import { freshSeed, seededRandom, type Random } from "../../support/seeded-random.js";

/** What is written comes out at the other end; reading can be held up, which closes the window. */
class End implements TcpApplication {
  readonly received$: Uint8Array[] = [];
  readonly sent: TcpSegment[] = [];
  isConnected = false;
  hasEnded = false;
  why: string | undefined;
  unconsumedBytes = 0;
  isReading = true;
  readonly connection: TcpConnection;

  constructor(scheduler: VirtualTimeScheduler, initialSequence: number, transmit: (segment: TcpSegment) => void) {
    this.connection = new TcpConnection(
      {
        localPort: 1,
        remotePort: 2,
        initialSequence,
        clock: schedulerClock(scheduler),
        transmit: (segment) => {
          this.sent.push(segment);
          transmit(segment);
        },
      },
      this,
    );
  }

  get bytes(): Buffer {
    return Buffer.concat(this.received$);
  }

  connected(): void {
    this.isConnected = true;
  }

  received(bytes: Uint8Array): void {
    this.received$.push(bytes);
    if (!this.isReading) this.unconsumedBytes += bytes.length;
  }

  read(): void {
    this.isReading = true;
    this.unconsumedBytes = 0;
    this.connection.windowOpened();
  }

  ended(): void {
    this.hasEnded = true;
  }

  acknowledged(): void {
    // The application of this test has written all it has.
  }

  closed(why: "done" | "reset" | "timedOut"): void {
    this.why = why;
  }
}

interface Wire {
  readonly scheduler: VirtualTimeScheduler;
  readonly client: End;
  readonly server: End;
}

const LATENCY_MS = 3;

/** `fate` says after how many ms each copy of a segment arrives; none: it is lost. */
const joined = (fate: () => readonly number[], sequences: readonly [number, number] = [1000, 0xffff_ff00]): Wire => {
  const scheduler = new VirtualTimeScheduler();
  let isOpen = false;
  const carry =
    (to: () => End) =>
    (segment: TcpSegment): void => {
      for (const delayMs of fate()) {
        scheduler.schedule(() => {
          const end = to();
          if ((segment.flags & (SYN | ACK)) !== SYN || isOpen) end.connection.segmentArrived(segment);
          else {
            isOpen = true;
            end.connection.accept(segment);
          }
        }, delayMs);
      }
    };
  const client: End = new End(
    scheduler,
    sequences[0],
    carry(() => server),
  );
  const server: End = new End(
    scheduler,
    sequences[1],
    carry(() => client),
  );
  client.connection.open();
  return { scheduler, client, server };
};

const perfect = (): readonly number[] => [LATENCY_MS];

const lossy =
  (random: Random): (() => readonly number[]) =>
  () => {
    const chance = random(100);
    if (chance < 15) return [];
    if (chance < 20) return [LATENCY_MS, LATENCY_MS + random(50)];
    return [chance < 30 ? LATENCY_MS + random(20) : LATENCY_MS];
  };

const noise = (random: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => random(256));

/** Until nothing is left to happen, or for so long. */
const pass = (scheduler: VirtualTimeScheduler, ms: number): void => {
  scheduler.maxFrames = scheduler.frame + ms;
  scheduler.flush();
};

test("given two ends, when both write and finish, then each has the other's bytes and both are done", () => {
  const { scheduler, client, server } = joined(perfect);
  pass(scheduler, 100);
  assert.ok(client.isConnected && server.isConnected);
  client.connection.write(Buffer.from("question"));
  client.connection.finish();
  pass(scheduler, 100);
  assert.ok(server.hasEnded && !client.hasEnded, "one half is closed, the other is not");
  server.connection.write(Buffer.from("a long answer"));
  server.connection.finish();
  pass(scheduler, 60_000);
  assert.is(server.bytes.toString(), "question");
  assert.is(client.bytes.toString(), "a long answer");
  assert.equal([client.why, server.why], ["done", "done"]);
});

const seed = freshSeed();
// Negative controls, tried once: red when `sendAgain` does not go back to the first that is not acknowledged, and when
// `take` accepts what is ahead.
test(`given a wire that loses and doubles segments (seed ${String(seed)}), then all bytes arrive once and in order`, () => {
  for (let run = 0; run < 40; run += 1) {
    const random = seededRandom(seed + run);
    const { scheduler, client, server } = joined(lossy(random), [random(2 ** 31) * 2, 0xffff_ffff - random(5000)]);
    const up = noise(random, random(200_000));
    const down = noise(random, random(200_000));
    client.connection.write(up);
    server.connection.write(down);
    const holding = random(2) === 0;
    if (holding) server.isReading = false;
    pass(scheduler, 5_000);
    client.connection.finish();
    server.connection.finish();
    pass(scheduler, 5_000);
    server.read();
    pass(scheduler, 600_000);
    const what = `FOLDVM_SEED=${String(seed)} run ${String(run)}`;
    assert.ok(server.bytes.equals(up), `${what}: up ${String(server.bytes.length)} of ${String(up.length)}`);
    assert.ok(client.bytes.equals(down), `${what}: down ${String(client.bytes.length)} of ${String(down.length)}`);
    assert.ok(client.hasEnded && server.hasEnded, what);
  }
});

test("given an end that does not read, when more is sent than its window, then the rest waits, and comes when it reads", () => {
  const { scheduler, client, server } = joined(perfect);
  pass(scheduler, 100);
  server.isReading = false;
  const bytes = noise(seededRandom(1), 600_000);
  client.connection.write(bytes);
  pass(scheduler, 120_000);
  assert.ok(server.bytes.length >= 200_000 && server.bytes.length < 262_144 + 8, String(server.bytes.length));
  assert.is(client.why, undefined, "a closed window is no reason to give up");
  server.read();
  pass(scheduler, 120_000);
  assert.ok(server.bytes.equals(bytes));
});

test("given a peer that is gone, when something is sent, then the connection ends after its retransmissions", () => {
  let isCut = false;
  const { scheduler, client, server } = joined(() => (isCut ? [] : [LATENCY_MS]));
  pass(scheduler, 100);
  isCut = true;
  client.connection.write(Buffer.from("hello?"));
  pass(scheduler, 3_600_000);
  assert.is(client.why, "timedOut");
  assert.is(client.sent.filter(({ payload }) => payload.length > 0).length, 1 + MAX_RETRANSMISSIONS);
  pass(scheduler, 4 * 3_600_000);
  assert.is(server.why, "timedOut", "an idle end finds out by its keepalives");
});

test("given a peer that is not there, when it is called, then the connection ends after its retransmissions", () => {
  const { scheduler, client } = joined(() => []);
  pass(scheduler, 3_600_000);
  assert.is(client.sent.filter(({ flags }) => (flags & SYN) !== 0).length, 1 + MAX_SYN_RETRANSMISSIONS);
  assert.is(client.why, "timedOut");
});

const SEGMENT_BYTES = 1024;

/** An end that called a guest whose window is vast, and what that guest sends next. */
const called = () => {
  const end = new End(new VirtualTimeScheduler(), 1000, () => undefined);
  end.connection.open();
  const answer = (seq: number, ack: number, flags: number, payload = new Uint8Array(0)): void => {
    end.connection.segmentArrived({
      ...{ sourcePort: 2, destinationPort: 1, seq, ack, flags, window: 0xffff, payload },
      ...((flags & SYN) === 0 ? {} : { mss: SEGMENT_BYTES, windowScale: 14 }),
    });
  };
  answer(7000, 1001, SYN | ACK);
  answer(7001, 1001, ACK);
  return { end, answer };
};

test("given a guest with a vast window, when one byte more is written than may be under way, then that waits for an answer", () => {
  const { end, answer } = called();
  const sentBytes = (): number => end.sent.reduce((sum, { payload }) => sum + payload.length, 0);
  end.connection.write(new Uint8Array(MAX_FLIGHT_BYTES + 1));
  assert.is(sentBytes(), MAX_FLIGHT_BYTES);
  answer(7001, 1001 + SEGMENT_BYTES, ACK);
  assert.is(sentBytes(), MAX_FLIGHT_BYTES + 1);
});

test("given a guest that ignores the window, when it sends one byte more than is kept for an end that does not read, then that is lost", () => {
  const { end, answer } = called();
  end.isReading = false;
  for (let at = 0; at <= MAX_UNCONSUMED_BYTES; at += SEGMENT_BYTES) {
    answer(7001 + at, 1001, ACK, new Uint8Array(at < MAX_UNCONSUMED_BYTES ? SEGMENT_BYTES : 1));
  }
  assert.is(end.bytes.length, MAX_UNCONSUMED_BYTES);
  end.read();
  answer(7001 + MAX_UNCONSUMED_BYTES, 1001, ACK, new Uint8Array(1));
  assert.is(end.bytes.length, MAX_UNCONSUMED_BYTES + 1, "sent again, it is taken");
});

test("given an open connection, when one end aborts, then the other is reset at once", () => {
  const { scheduler, client, server } = joined(perfect);
  pass(scheduler, 100);
  client.connection.abort();
  pass(scheduler, 100);
  assert.is(server.why, "reset");
});

test("given a reset or a SYN with a wrong number, when it arrives, then it is only answered", () => {
  const { scheduler, client, server } = joined(perfect);
  pass(scheduler, 100);
  const last = client.sent.at(-1);
  assert.ok(last);
  server.connection.segmentArrived({ ...last, flags: RST, seq: (last.seq + 5) >>> 0, payload: new Uint8Array(0) });
  server.connection.segmentArrived({ ...last, flags: SYN, seq: 77, payload: new Uint8Array(0) });
  assert.is(server.why, undefined);
  assert.is(server.sent.at(-1)?.flags, ACK);
});

test.run();
