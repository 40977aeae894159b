// The router's timers are outside the guest: however late they come, the guest is the same; on replay none runs.
import { NEVER, Observable, type SchedulerAction, type SchedulerLike, type Subscription } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { ETHER_TYPE, ethernetFrame } from "../../../src/streams/net/ethernet.js";
import { ipv4Packets } from "../../../src/streams/net/ipv4.js";
import { network } from "../../../src/streams/live/backends/network.js";
import { router } from "../../../src/streams/host/net/router.js";
import { udpPacket } from "../../../src/streams/net/udp.js";
import { memorySink, openLog } from "../../../src/streams/store/log/index.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { record } from "../../../src/streams/live/recorder.js";
import { replay } from "../../../src/streams/past/replayer.js";
import { wired } from "../../../src/streams/live/run.js";
import { virtualScheduler } from "../../../src/streams/time/schedulers.js";
import type { PositionedEvent } from "../../../src/reducers/events.js";
import { FakeHostTime } from "../../support/fake-host-time.js";
import { seededRandom } from "../../support/seeded-random.js";
import { ticking } from "../../support/tiny-guests.js";
import { GUEST, GUEST_MAC, HOST } from "../net/fake-guest.js";

const TICKS_A_SLEEP = 2_000_000;
const UNTIL_ICOUNT = 2000;
const RUNS = 10;

/** The first part of a datagram whose rest never comes: the router waits for it, and then forgets it. */
const unfinished = (identification: number): Uint8Array => {
  const datagram = {
    source: GUEST,
    destination: HOST,
    sourcePort: 9,
    destinationPort: 9,
    payload: new Uint8Array(4000),
  };
  const [first = new Uint8Array(0)] = ipv4Packets({ ...udpPacket(datagram), identification });
  const destination = "52:55:0a:00:02:02";
  return ethernetFrame({ destination, source: GUEST_MAC, etherType: ETHER_TYPE.ipv4, payload: first });
};

/** Each timer comes later than it was asked for, by chance; `fired` counts. */
const jittered = (scheduler: SchedulerLike, random: (below: number) => number) => {
  const counter = { fired: 0 };
  const late: SchedulerLike = {
    now: () => scheduler.now(),
    schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription =>
      scheduler.schedule<T>(
        function (given) {
          counter.fired += 1;
          work.call(this, given);
        },
        delayMs + random(500),
        state,
      ),
  };
  return { late, counter };
};

const opened = () => openMachine({ memory: "2M", kernel: ticking(TICKS_A_SLEEP), seed: "jitter", nics: [{}] });

const recorded = (seed: number | undefined) => {
  const { machine, header } = opened();
  const external = virtualScheduler(machine);
  const random = seededRandom(seed ?? 0);
  const { late, counter } = jittered(external, random);
  const wire = router({}, late);
  const frames$ = new Observable<Uint8Array>((subscriber) => {
    let count = 0;
    const again = (): void => {
      subscriber.next(unfinished((count += 1)));
      late.schedule(again, 1 + random(3000));
    };
    again();
  });
  const plugged = network(0, () => wire({ frames$, hasRoom$: NEVER }));
  const sink = memorySink();
  const events: PositionedEvent[] = [];
  const time = new FakeHostTime();
  const options = { external, sleep: false, untilIcount: UNTIL_ICOUNT, checkpointInsns: 500, time };
  wired(machine, seed === undefined ? [] : [plugged], options)
    .pipe(record(machine, sink, header))
    .subscribe((event) => events.push(event));
  return { machine, events, counter, bytes: sink.bytes() };
};

// Negative control, tried once: red if an external deadline bounds an idle machine's warp (`deadlineNs` in
// idle-clock.ts): a warp is then split.
test(`given a router whose timers come late by chance, when the guest runs ${String(RUNS)} times, then events, hash and log are those without it, and a replay calls none`, () => {
  const alone = recorded(undefined);
  assert.is(alone.machine.position.icount, UNTIL_ICOUNT);
  assert.ok(alone.machine.virtualNs > 60_000_000_000n, "longer than the router waits for anything");
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { machine, events, counter, bytes } = recorded(seed);
    assert.ok(counter.fired > 20, `${String(counter.fired)} timers`);
    assert.equal(events, alone.events, `seed ${String(seed)}`);
    assert.is(machine.hash(), alone.machine.hash());
    assert.ok(Buffer.from(bytes).equals(alone.bytes));
    const { fired } = counter;
    const again = opened().machine;
    replay(again, openLog(bytes));
    assert.is(again.hash(), machine.hash());
    assert.is(counter.fired, fired);
  }
});

test.run();
