// Chaos: the schedule and the clock of a run vary by chance, each deviation being an event, and the recording replays.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { run } from "../../../src/streams/live/run.js";
import { isDeviation } from "../../../src/streams/chaos/deviations.js";
import { randomOf } from "../../../src/streams/chaos/random.js";
import { RandomChaos } from "../../../src/streams/chaos/random-chaos.js";
import { scheduleOf } from "../../../src/streams/chaos/schedule.js";
import { replay } from "../../../src/streams/past/replayer.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { openLog } from "../../../src/streams/store/log/index.js";
import { OptionError } from "../../../src/options/option-error.js";
import { echoing, spinning, withFifo } from "../../support/tiny-guests.js";
import { counting, recorded, waitingBesideATimer, type RecordedRun } from "./two-harts.js";

const ROUNDS = 20_000;
const kernel = counting(ROUNDS);
const STRATEGIES = [{ strategy: "random" }, { strategy: "pct", insns: 300_000 }] as const;

const deviationsIn = ({ events }: RecordedRun): number => events.filter(({ event }) => isDeviation(event)).length;
const failures = (runs: readonly RecordedRun[]): number =>
  runs.filter(({ machine }) => machine.ended?.code === 1).length;
const seeded = async (count: number, chaos: object): Promise<RecordedRun[]> => {
  const runs: RecordedRun[] = [];
  for (let seed = 0; seed < count; seed += 1)
    runs.push(await recorded({ kernel, chaos: { seed: String(seed), ...chaos } }));
  return runs;
};

const MOST_BYTES_A_DEVIATION = 20;

for (const strategy of STRATEGIES) {
  const name = strategy.strategy;

  test(`given ${name} chaos and one seed, when run twice, then the recordings are equal byte for byte`, async () => {
    const [a, b] = [
      await recorded({ kernel, chaos: { seed: "a", ...strategy } }),
      await recorded({ kernel, chaos: { seed: "a", ...strategy } }),
    ];
    assert.ok(deviationsIn(a) > 0);
    assert.equal(a.bytes, b.bytes);
  });

  test(`given ${name} chaos, when recorded, then a deviation takes ${String(MOST_BYTES_A_DEVIATION)} bytes of the log at most`, async () => {
    const plain = await recorded({ kernel });
    for (const run of await seeded(8, { ...strategy, depth: strategy.strategy === "pct" ? 20 : undefined })) {
      const bytes = run.bytes.length - plain.bytes.length;
      assert.ok(
        bytes <= MOST_BYTES_A_DEVIATION * (deviationsIn(run) + 1),
        `${String(bytes)} for ${String(deviationsIn(run))}`,
      );
    }
  });

  test(`given ${name} chaos and two seeds, when run, then the recordings differ`, async () => {
    const [a, b] = await seeded(2, strategy);
    assert.not.equal(a?.bytes, b?.bytes);
  });

  test(`given ${name} chaos, when its recording is replayed without the seed, then every hash agrees`, async () => {
    const { bytes, machine } = await recorded({ kernel, chaos: { seed: "a", ...strategy }, checkpointInsns: 10_000 });
    const again = openMachine({ memory: "2M", kernel, smp: 2, seed: "test" }).machine;
    replay(again, openLog(bytes));
    assert.is(again.hash(), machine.hash());
  });

  test(`given a race that the plain schedule does not show, when run 20 times under ${name} chaos, then some fail`, async () => {
    assert.is((await recorded({ kernel })).machine.ended?.code, 0);
    const failed = failures(await seeded(20, strategy));
    assert.ok(failed > 0 && failed < 20, String(failed));
  });

  test(`given ${name} chaos, when one hart spins for the other, then the run ends all the same`, async () => {
    for (const { machine } of await seeded(5, strategy)) assert.is(machine.ended?.cause.startsWith("guest"), true);
  });

  test(`given ${name} chaos, when a hart spins for one that a third hart's timer hides, then the run ends all the same`, async () => {
    const untilIcount = 20_000_000;
    for (let seed = 0; seed < 12; seed += 1) {
      const chaos = { seed: String(seed), ...strategy, depth: 1 };
      const { machine } = await recorded({ kernel: waitingBesideATimer(), harts: 3, chaos, untilIcount });
      assert.is(machine.ended?.code, 0, `seed ${String(seed)}`);
    }
  });

  test(`given one hart and ${name} chaos, when it runs, then only its clock deviates`, async () => {
    const chaos = { seed: "b", ...strategy, depth: 20, insns: 100_000 };
    const { events } = await recorded({ kernel: spinning(), harts: 1, chaos, untilIcount: 3_000_000 });
    assert.equal([...new Set(events.map(({ event }) => event.type))], ["clock/skewed"]);
  });
}

test("given the deviations of a recording as a schedule, when run, then the recording is the same byte for byte", async () => {
  for (const strategy of STRATEGIES) {
    const { events, bytes } = await recorded({ kernel, chaos: { seed: "c", ...strategy } });
    assert.equal((await recorded({ kernel, schedule: [...scheduleOf(events)] })).bytes, bytes);
  }
});

test("given input that is there and chaos, when the guest polls for it, then some seeds let it in later", async () => {
  const inputs = [{ type: "uart16550/byteReceived", byte: 65 }] as const;
  let late = 0;
  for (let seed = 0; seed < 12; seed += 1) {
    const { machine } = openMachine({ memory: "2M", kernel: echoing(), seed: "test" });
    // The first place at which it could go in, if that comes before the host's turn is over.
    const { nextIcount } = new RandomChaos(machine, randomOf(String(seed)));
    if (nextIcount > 20_000) continue;
    const chaos = { seed: String(seed) };
    const { events } = await recorded({ kernel: echoing(), harts: 1, untilIcount: 6_000_000, chaos, inputs });
    const byte = events.find(({ event }) => event.type === "uart16550/byteReceived");
    if (byte === undefined || byte.icount > nextIcount) late += 1;
    else assert.is(byte.icount, nextIcount);
  }
  assert.ok(late > 0);
});

test("given bytes that are there at once and chaos, when the UART has room for all, then in some runs they go in one by one", async () => {
  const inputs = Array.from({ length: 5 }, () => ({ type: "uart16550/byteReceived", byte: 65 }) as const);
  const paces = new Set<string>();
  for (let seed = 0; seed < 80; seed += 1) {
    const { machine } = openMachine({ memory: "2M", kernel: withFifo(), seed: "test" });
    // A deviation before the host's turn is over would let one in at its place.
    if (new RandomChaos(machine, randomOf(String(seed))).nextIcount <= 200_000) continue;
    const chaos = { seed: String(seed) };
    const { events } = await recorded({ kernel: withFifo(), harts: 1, untilIcount: 20_000_000, chaos, inputs });
    const icounts = events.filter(({ event }) => event.type === "uart16550/byteReceived").map(({ icount }) => icount);
    assert.is(icounts.length, 5);
    const pauses = icounts.slice(1).map((icount, index) => icount - (icounts[index] ?? 0));
    if (pauses.every((insns) => insns === 0)) paces.add("at once");
    else if (pauses.every((insns) => insns >= 64)) paces.add("one by one");
    else assert.unreachable(icounts.join(" "));
  }
  assert.is(paces.size, 2, [...paces].join());
});

const refusal = (options: object): OptionError => {
  const { machine } = openMachine({ memory: "2M", kernel, smp: 2, seed: "test" });
  try {
    run(machine, [], options);
  } catch (error) {
    assert.instance(error, OptionError);
    return error as OptionError;
  }
  throw new Error("it was taken");
};

test("given chaos or a schedule that means nothing, when run is called, then it names the field", () => {
  const END = { icount: 5, type: "schedule/turnEnded" };
  for (const [options, option] of [
    [{ chaos: {} }, "chaos.seed"],
    [{ chaos: { seed: "" } }, "chaos.seed"],
    [{ chaos: { seed: "x".repeat(257) } }, "chaos.seed"],
    [{ chaos: { seed: "x", strategy: "pkt" } }, "chaos.strategy"],
    [{ chaos: { seed: "x", depth: 0 } }, "chaos.depth"],
    [{ chaos: { seed: "x", depth: 65 } }, "chaos.depth"],
    [{ chaos: { seed: "x", insns: 0 } }, "chaos.insns"],
    [{ chaos: { seed: "x" }, schedule: [] }, "schedule"],
    [{ schedule: {} }, "schedule"],
    [{ schedule: new Array(2 ** 20 + 1).fill(END) }, "schedule"],
    [{ schedule: [5] }, "schedule.0.icount"],
    [{ schedule: [END, { ...END, icount: 4 }] }, "schedule.1.icount"],
    [{ schedule: [{ icount: 0, type: "machine/reset" }] }, "schedule.0.type"],
    [{ schedule: [{ icount: 0, type: "schedule/turnProlonged" }] }, "schedule.0.byInsns"],
    [{ schedule: [{ ...END, byInsns: 1 }] }, "schedule.0.byInsns"],
  ] as const)
    assert.is(refusal(options).option, option);
});

test("given a schedule for a hart that is not there, when it comes to it, then the run fails with its number", async () => {
  const schedule = [{ icount: 10, type: "schedule/hartPrioritized", hart: 2, priority: 1 }] as const;
  try {
    await recorded({ kernel, schedule });
    assert.unreachable();
  } catch (error) {
    assert.is((error as OptionError).option, "schedule.0.hart");
  }
});

test.run();
