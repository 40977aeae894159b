/** What a recording costs as it gets longer: an idle machine's log, and the replay of ten times as many events. */
import { join } from "node:path";
import { foldvm, qemu, type Emulator } from "./emulators.js";
import { bareMetal, figure } from "./program-rows.js";
import type { Medians, Row, Subject } from "./row.js";
import { ratio } from "./statistics.js";

export const logRows = (work: string): readonly Row[] => [idleRow(work), lengthRow(work)];

const SHORT_SECONDS = 2;
const LONG_SECONDS = 12;

/** Two recordings of different length, so that headers and closing segments cancel out. */
const idleRow = (work: string): Row => {
  const subject = (label: string, id: "foldvm" | "qemu", emulator: Emulator, seconds: number): Subject => {
    const log = join(work, `idle-${String(seconds)}.${id}`);
    return {
      ...{
        name: `${label} record ${String(seconds)} s`,
        emulator: id,
        command: emulator.record(bareMetal("idle"), log),
      },
      console: [{ waitFor: "idle ready", delayMs: seconds * 1000, send: "q" }],
      ...{ expect: "idle checksum 0000000000000071", logPath: log },
    };
  };
  return {
    ...{ name: "idle", title: "a machine idle in WFI with a tick a second", kind: "log" },
    subjects: [SHORT_SECONDS, LONG_SECONDS].flatMap((seconds) => [
      subject("ours", "foldvm", foldvm, seconds),
      subject("QEMU", "qemu", qemu, seconds),
    ]),
    figures: (medians) => {
      const growth = (label: string): number | undefined => {
        const long = medians(`${label} record ${String(LONG_SECONDS)} s`)?.logBytes;
        const short = medians(`${label} record ${String(SHORT_SECONDS)} s`)?.logBytes;
        return long === undefined || short === undefined ? undefined : (long - short) / (LONG_SECONDS - SHORT_SECONDS);
      };
      const cpu = ratio(medians(`ours record ${String(LONG_SECONDS)} s`)?.cpuMs, 1000);
      return [
        figure("log growth", growth("ours"), "B/s", [{ atMost: 100 }]),
        figure("QEMU log growth", growth("QEMU"), "B/s"),
        figure(`CPU for ${String(LONG_SECONDS)} s of idling`, cpu, "s"),
      ];
    },
  };
};

const lengthRow = (work: string): Row => {
  const pair = (name: string, checksum: string): readonly Subject[] => {
    const log = join(work, `length-${name}.foldvm`);
    const expect = `${name} checksum ${checksum}`;
    return [
      {
        name: `record ${name}`,
        emulator: "foldvm",
        command: foldvm.record(bareMetal(name), log),
        expect,
        logPath: log,
      },
      { name: `replay ${name}`, emulator: "foldvm", command: foldvm.replay(bareMetal(name), log), expect },
    ];
  };
  return {
    ...{ name: "length", title: "replay of a recording ten times as long", kind: "log" },
    subjects: [...pair("timer", "00000000000186a0"), ...pair("timer-long", "00000000000f4240")],
    figures: (medians) => {
      const [short, long] = [medians("replay timer"), medians("replay timer-long")];
      return [
        // Start-up counts once in each, so the ratio may lie below 10. A tenth is left to the noise.
        figure("time, ten times as long / as it is", ratio(long?.cpuMs, short?.cpuMs), "x", [{ atMost: 11 }]),
        figure("memory more", memoryGrowth(short, long), "MB", [{ atMost: 25 }]),
      ];
    },
  };
};

const memoryGrowth = (short: Medians | undefined, long: Medians | undefined): number | undefined =>
  short?.peakRssBytes === undefined || long?.peakRssBytes === undefined
    ? undefined
    : (long.peakRssBytes - short.peakRssBytes) / 1e6;
