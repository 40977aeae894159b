// A guest that asks for what no backend of its run answers: the run fails at once, and names the backend.
import { lastValueFrom, map, filter } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { answering, UnansweredError } from "../../../src/streams/live/answers.js";
import type { Backend } from "../../../src/streams/live/backend.js";
import { consoleBackend } from "../../../src/streams/live/backends/console.js";
import { disks } from "../../../src/streams/live/backends/disks.js";
import { entropy } from "../../../src/streams/live/backends/entropy.js";
import { hostClock } from "../../../src/streams/live/backends/host-clock.js";
import { run } from "../../../src/streams/live/run.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { echoing, finishing, readingTheTime } from "../../support/tiny-guests.js";

const open = (kernel: Uint8Array) => openMachine({ memory: "2M", kernel, seed: "test" });

const endOf = (kernel: Uint8Array, backends: readonly Backend[]): Promise<unknown> =>
  lastValueFrom(run(open(kernel).machine, backends, { untilIcount: 10_000 }), { defaultValue: undefined }).catch(
    (error: unknown) => error,
  );

test("given a guest that reads the time, when nobody answers, then the run fails and names effect and backend", async () => {
  for (const backends of [[], [consoleBackend({}), entropy()], [disks(new Map())]]) {
    const fault = await endOf(readingTheTime(1), backends);
    assert.instance(fault, UnansweredError);
    const { effect, backend, code, message } = fault as UnansweredError;
    assert.equal([effect, backend, code], ["hostClock/requested", "hostClock()", "NO_BACKEND"]);
    assert.match(message, /reads the wall clock.*give run hostClock\(\)/);
  }
});

test("given the backend that answers, or one that says so of itself, then the run goes on", async () => {
  assert.not.instance(await endOf(readingTheTime(1), [hostClock()]), Error);
  const own = answering(["hostClock/requested"], (effects$) =>
    effects$.pipe(
      filter(({ type }) => type === "hostClock/requested"),
      map(() => ({ type: "goldfishRtc/hostClockRead", hostNs: 5n }) as const),
    ),
  );
  assert.not.instance(await endOf(readingTheTime(1), [own]), Error);
});

test("given what needs no answer, then nobody has to hear of it, and a run without backends ends as before", async () => {
  assert.not.instance(await endOf(finishing(0x5555n), []), Error);
  const { machine } = open(echoing());
  await lastValueFrom(run(machine, [], { untilIcount: 1000 }), { defaultValue: undefined });
  assert.is(machine.position.icount, 1000);
});

test("given a machine that waits for entropy in a saved state, when it goes on without, then the run fails at once", async () => {
  const { machine } = openMachine({ memory: "2M", kernel: echoing(), seed: "test", virtio: ["rng"] });
  const state = machine.state();
  const virtio = state.platform.virtio.map((slot) =>
    slot.device.kind === "rng" ? { ...slot, device: { ...slot.device, requestedLength: 24 } } : slot,
  );
  machine.load({ ...state, platform: { ...state.platform, virtio } });
  const fault: unknown = await lastValueFrom(run(machine, [hostClock()], { untilIcount: 1000 })).catch(
    (error: unknown) => error,
  );
  assert.instance(fault, UnansweredError);
  assert.match((fault as UnansweredError).message, /asks virtio-rng for entropy in slot 0 .*give run entropy\(\)/);
  assert.is(machine.position.icount, 0);
});

test.run();
