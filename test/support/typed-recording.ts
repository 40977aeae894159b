/** Records a guest at whose console a seeded typist types, in this process and at the times that it happens to have. */
import { entropy } from "../../src/streams/live/backends/entropy.js";
import { disks } from "../../src/streams/live/backends/disks.js";
import { consoleBackend } from "../../src/streams/live/backends/console.js";
import { hostClock } from "../../src/streams/live/backends/host-clock.js";
import type { LogSink } from "../../src/streams/store/log/index.js";
import { openMachine, type MachineOptions } from "../../src/streams/session/machine-options.js";
import { nicBackends } from "../../src/streams/session/nics.js";
import { record } from "../../src/streams/live/recorder.js";
import { wired } from "../../src/streams/live/run.js";
import { virtualScheduler } from "../../src/streams/time/schedulers.js";
import type { SequenceOptions } from "../../src/streams/live/sequence/sequence-options.js";
import type { Machine } from "../../src/machine/machine.js";
import type { PositionedEvent } from "../../src/reducers/events.js";
import { seededRandom } from "./seeded-random.js";
import { digestOf, type RunDigest } from "./run-digest.js";
import { typist, type Step } from "./typist.js";

export interface TypedRecording {
  readonly seed: number;
  readonly machine: MachineOptions;
  readonly steps: readonly Step[];
  readonly sequence: SequenceOptions;
  readonly timeLimitMs?: number;
}

export interface Recorded {
  readonly digest: RunDigest;
  readonly console: string;
  readonly machine: Machine;
}

const TIME_LIMIT_MS = 600_000;

/** Resolves when the guest has ended the run. `onEvent` sees the machine right after each event. */
export const recordTyped = (
  { seed, machine: options, steps, sequence, timeLimitMs = TIME_LIMIT_MS }: TypedRecording,
  sink: LogSink,
  onEvent: (machine: Machine, event: PositionedEvent) => void = () => undefined,
): Promise<Recorded> =>
  new Promise((resolve, reject) => {
    const { machine, header, disks: images } = openMachine(options);
    const { input$, hear, heard, stop } = typist(seededRandom(seed), steps);
    const hashes: RunDigest["hashes"][number][] = [];
    const external = virtualScheduler(machine);
    const networks = nicBackends(machine.state().config, options.nics ?? [], external, (message) => {
      reject(new Error(message));
    });
    const backends = [consoleBackend({ input$, write: hear }), hostClock(), entropy(), disks(images), ...networks];
    const limit = setTimeout(() => {
      subscription.unsubscribe();
      stop();
      reject(
        new Error(
          `seed ${String(seed)}: the guest did not end; its console:\n${heard().toString("latin1").slice(-2000)}`,
        ),
      );
    }, timeLimitMs);
    const ended = (action: () => void): void => {
      clearTimeout(limit);
      stop();
      action();
    };
    const subscription = wired(machine, backends, { external, ...sequence })
      .pipe(record(machine, sink, header))
      .subscribe({
        next: (event) => {
          if (event.event.type === "checkpoint/hashed")
            hashes.push([event.seq, event.icount, machine.hash().toString(16)]);
          onEvent(machine, event);
        },
        error: (fault: unknown) => {
          ended(() => {
            reject(fault instanceof Error ? fault : new Error(String(fault)));
          });
        },
        complete: () => {
          ended(() => {
            resolve({ machine, console: heard().toString("latin1"), digest: digestOf(machine, hashes, heard()) });
          });
        },
      });
  });
