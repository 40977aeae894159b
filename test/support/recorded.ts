/** A machine run to its end and recorded in memory, as a test wants it: what it types, and from what it deviates. */
import { lastValueFrom } from "rxjs";

import { consoleBackend } from "../../src/streams/live/backends/console.js";
import { entropy } from "../../src/streams/live/backends/entropy.js";
import { hostClock } from "../../src/streams/live/backends/host-clock.js";
import { record } from "../../src/streams/live/recorder.js";
import { run } from "../../src/streams/live/run.js";
import { script, type ScriptStep } from "../../src/streams/live/script.js";
import type { SequenceOptions } from "../../src/streams/live/sequence/sequence-options.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openMachine, type MachineOptions } from "../../src/streams/session/machine-options.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { memorySink } from "../../src/streams/store/log/index.js";

type Recorded = SequenceOptions & { readonly steps?: readonly ScriptStep[] };

/** The recording carries its images. */
export const recorded = async (options: MachineOptions, given: Recorded = {}): Promise<Recording> =>
  openRecording(await recordedBytes(options, given));

/** The same as bytes, to be opened again and again. */
export async function recordedBytes(
  options: MachineOptions,
  { steps = [], ...sequence }: Recorded = {},
): Promise<Uint8Array> {
  const { machine, header, contents } = openMachine(options);
  const sink = memorySink();
  const silent = consoleBackend({ write: () => undefined });
  const backends = [silent, hostClock(), entropy(), script(steps).backend];
  await lastValueFrom(
    run(machine, backends, { sleep: false, ...sequence }).pipe(record(machine, sink, header, { contents })),
    {
      defaultValue: undefined,
    },
  );
  return sink.bytes();
}
