/**
 * The committed virtio guest on a faked host: two sources of entropy and two consoles, with the answers in the test's
 * hands.
 */
import { readFileSync } from "node:fs";
import { identity, Subject } from "rxjs";

import type { Machine } from "../../src/machine/machine.js";
import type { Effect } from "../../src/reducers/effect.js";
import type { MachineEvent, PositionedEvent } from "../../src/reducers/events.js";
import { memorySink } from "../../src/streams/store/log/index.js";
import { openMachine, type OpenedMachine } from "../../src/streams/session/machine-options.js";
import { record } from "../../src/streams/live/recorder.js";
import type { LiveRows } from "../../src/streams/rows/index.js";
import { type Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { wired } from "../../src/streams/live/run.js";
import { FakeHostTime } from "./fake-host-time.js";
import { guestElf } from "./guest-build.js";

const KERNEL = readFileSync(guestElf("virtio"));
export const RNG_SLOTS = [0, 2] as const;
const CONSOLE_SLOTS = [1, 3] as const;
const ENTROPY_ROUNDS = 2;

export interface VirtioSession {
  readonly machine: Machine;
  readonly events: readonly PositionedEvent[];
  readonly bytes: Uint8Array;
  /** What each console printed. */
  readonly console: ReadonlyMap<string, string>;
  readonly open: () => Recording;
}

/** What each console printed, as the effects come. */
export const consoleListener = (): { hear: (effect: Effect) => void; heard: Map<string, string> } => {
  const heard = new Map<string, string>();
  return {
    heard,
    hear: (effect) => {
      if (effect.type !== "console/transmitted") return;
      const name = effect.port === "uart16550" ? "uart" : `slot ${String(effect.slot)}`;
      heard.set(name, (heard.get(name) ?? "") + Buffer.from(effect.bytes).toString("latin1"));
    },
  };
};

const openVirtioRecording = (bytes: Uint8Array): Recording => openRecording(bytes, { images: { kernel: KERNEL } });

/**
 * Records it to its end; the sources of entropy answer in this order of slots, once both have been asked. `follow`: who
 * hears it meanwhile.
 */
export const recordVirtioGuest = (
  answers: readonly number[] = RNG_SLOTS,
  follow?: (opened: OpenedMachine) => LiveRows,
): VirtioSession => {
  const opened = openMachine({
    memory: "2M",
    kernel: KERNEL,
    seed: "virtio",
    virtio: ["rng", "console", "rng", "console"],
  });
  const { machine, header } = opened;
  const live = follow?.(opened);
  const sink = memorySink();
  const time = new FakeHostTime(8);
  const input$ = new Subject<MachineEvent>();
  const { hear, heard } = consoleListener();
  const asked = new Set<number>();
  const events: PositionedEvent[] = [];
  let fault: unknown;
  wired(
    machine,
    [
      (effects$) => {
        effects$.subscribe((effect) => {
          hear(effect);
          if (effect.type === "entropy/requested") asked.add(effect.slot);
        });
        return input$;
      },
    ],
    { time, checkpointInsns: 1000 },
  )
    .pipe(live?.hear<PositionedEvent>() ?? identity, record(machine, sink, header))
    .subscribe({
      next: (event) => events.push(event),
      error: (error: unknown) => (fault = error),
    });
  const turns = (): void => {
    for (let turn = 0; turn < 10; turn += 1) time.turn();
    if (fault !== undefined) throw fault instanceof Error ? fault : new Error("the run failed", { cause: fault });
  };
  for (let round = 0; round < ENTROPY_ROUNDS; round += 1) {
    turns();
    if (asked.size !== answers.length) throw new Error("the guest did not ask for entropy");
    asked.clear();
    for (const slot of answers)
      input$.next({ type: "virtioRng/entropyProvided", slot, bytes: new Uint8Array(8).fill(16 * round + slot) });
  }
  turns();
  for (const [slot, text] of [
    [CONSOLE_SLOTS[1], "to the second "],
    [CONSOLE_SLOTS[0], "to the first "],
    [CONSOLE_SLOTS[1], "q"],
  ] as const) {
    time.pass(3);
    input$.next({ type: "virtioConsole/bytesReceived", slot, bytes: new TextEncoder().encode(text) });
    turns();
  }
  if (machine.ended === null) throw new Error("the guest did not end");
  return { machine, events, bytes: sink.bytes(), console: heard, open: () => openVirtioRecording(sink.bytes()) };
};
