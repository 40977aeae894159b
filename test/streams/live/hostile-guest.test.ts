/**
 * Guests that would keep the host busy for nothing, and machines that go on from a state of which the host knows
 * nothing.
 */
import { ignoreElements, Subject, tap } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Effect } from "../../../src/reducers/effect.js";
import type { MachineEvent, PositionedEvent } from "../../../src/reducers/events.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { memorySink, openLog } from "../../../src/streams/store/log/index.js";
import { record } from "../../../src/streams/live/recorder.js";
import { replay } from "../../../src/streams/past/replayer.js";
import { wired } from "../../../src/streams/live/run.js";
import { loadState, saveState } from "../../../src/streams/store/saved-state/index.js";
import { Program } from "../../support/assemble.js";
import { FakeHostTime } from "../../support/fake-host-time.js";

const open = (program: Program, virtio: readonly ("rng" | "console")[] = []): ReturnType<typeof openMachine> =>
  openMachine({ memory: "4M", bios: "none", kernel: program.bytes(), seed: "hostile", virtio });

const DAY_MS = 86_400_000;

test("given a timer years ahead, when the guest sleeps for it, then the host sleeps too, and little is recorded", () => {
  const program = new Program()
    .csr(0x304, 0x80n)
    .li(10, 0x200_4000n)
    .li(11, 1n << 56n);
  const { machine } = open(program.i("sd", { rs1: 10, rs2: 11 }).i("wfi"));
  const time = new FakeHostTime();
  const sleeps: number[] = [];
  const events: PositionedEvent[] = [];
  const subscription = wired(machine, [() => new Subject()], { time }).subscribe((event) => events.push(event));
  for (let day = 0; day < 40; day += 1) {
    sleeps.push(...time.delaysMs);
    time.pass(DAY_MS);
  }
  subscription.unsubscribe();
  assert.ok(
    sleeps.every((delayMs) => delayMs < 2 ** 31),
    "a delay that a host timer takes for none",
  );
  assert.ok(events.length < 10, `${String(events.length)} events`);
  assert.ok(machine.virtualNs > BigInt(30 * DAY_MS) * 1_000_000n, "the guest's clock did not see it");
});

test("given a guest that resets itself for ever, when each reset takes the host's time, then the host gets its turns", () => {
  const { machine } = open(new Program().li(10, 0x10_0000n).li(11, 0x7777n).i("sw", { rs1: 10, rs2: 11 }));
  const time = new FakeHostTime(1);
  let events = 0;
  const input$ = new Subject<MachineEvent>();
  const subscription = wired(machine, [() => input$], { time }).subscribe(() => (events += 1));
  assert.ok(events < 20, `${String(events)} resets in one turn`);
  input$.next({ type: "machine/shutdown", cause: "host", code: 0 });
  time.turn();
  assert.equal(machine.ended, { cause: "host", code: 0 });
  subscription.unsubscribe();
});

test("given a trap loop, when it is recorded, then the recording ends with its cause and replays to it", async () => {
  const { machine, header } = open(new Program().csr(0x305, 0n).i("ecall"));
  const sink = memorySink();
  await new Promise<void>((resolve, reject) => {
    wired(machine, [() => new Subject()], {})
      .pipe(record(machine, sink, header))
      .subscribe({ complete: resolve, error: reject });
  });
  const log = openLog(sink.bytes());
  assert.match(log.end?.cause ?? "", "trap loop at pc 0x0");
  const { machine: again } = open(new Program().csr(0x305, 0n).i("ecall"));
  replay(again, log);
  assert.equal(again.ended, machine.ended);
  assert.is(again.hash(), machine.hash());
});

test("given a state that waits for entropy and an alarm, when a fresh machine goes on from it, then its backends are asked", () => {
  const program = new Program().li(10, 0x10_1000n).li(11, 0x7fff_ffffn);
  program.i("sw", { rs1: 10, rs2: 11, imm: 12 }).i("sw", { rs1: 10, rs2: 11, imm: 8 }).i("wfi");
  const { machine } = open(program, ["rng"]);
  machine.run(1000);
  machine.apply({ type: "goldfishRtc/hostClockRead", hostNs: 1000n });
  machine.run(1000);
  const state = machine.state();
  const virtio = state.platform.virtio.map((slot) =>
    slot.device.kind === "rng" ? { ...slot, device: { ...slot.device, requestedLength: 24 } } : slot,
  );
  const waiting = { ...state, platform: { ...state.platform, virtio } };

  const { machine: fresh } = open(program, ["rng"]);
  fresh.load(loadState(saveState(waiting), machine.state()));
  const asked: Effect[] = [];
  const subscription = wired(
    fresh,
    [
      (effects$) =>
        effects$.pipe(
          tap((effect) => asked.push(effect)),
          ignoreElements(),
        ),
    ],
    { time: new FakeHostTime() },
  ).subscribe();
  subscription.unsubscribe();
  assert.equal(asked, [
    { type: "entropy/requested", slot: 0, length: 24 },
    { type: "rtcAlarm/armed", hostNs: 0x7fff_ffff_7fff_ffffn },
  ]);
});

test.run();
