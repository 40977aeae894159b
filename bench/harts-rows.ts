/** Debian on several harts: what their taking turns costs, and what a log of deviations costs. */
import { join } from "node:path";
import type { DebianImages } from "../scripts/debian/debian-images.js";
import { BOOT, debianGuest } from "./debian-rows.js";
import { foldvm, qemuInTurn, recordWithChaos } from "./emulators.js";
import { figure, replayFigure } from "./program-rows.js";
import type { Medians, Row, Subject } from "./row.js";
import { ratio } from "./statistics.js";

const HARTS = 4;
/** The same deviations in each benchmark. */
const SEED = "bench";

export const debianHartsRows = (images: DebianImages, work: string): readonly Row[] => [
  bootRow(images, work),
  chaosRow(images, work),
];

/** Beside our own boot with one hart, and beside a run of QEMU, which there counts and records nothing. */
const bootRow = (images: DebianImages, work: string): Row => {
  const one = debianGuest(images);
  const several = { ...one, harts: HARTS };
  const [logOfOne, log] = [join(work, "debian-one-hart.foldvm"), join(work, "debian-harts.foldvm")];
  const counted = { emulator: "foldvm", countInstructions: true, ...BOOT } as const;
  return {
    ...{ name: "debian-harts", title: `Debian to its shell and off with ${String(HARTS)} harts`, kind: "guest" },
    subjects: [
      { ...counted, name: "one hart record", command: foldvm.record(one, logOfOne), logPath: logOfOne },
      { ...counted, name: "ours record", command: foldvm.record(several, log), logPath: log, countDeviations: true },
      { name: "ours replay", emulator: "foldvm", command: foldvm.replay(several, log), expect: BOOT.expect },
      { name: "QEMU run in turn", emulator: "qemu", command: qemuInTurn(several), ...BOOT },
    ],
    figures: (medians) => {
      const [ofOne, ours, theirs] = [medians("one hart record"), medians("ours record"), medians("QEMU run in turn")];
      return [
        figure("speed", mips(ours), "MIPS"),
        figure("speed / one hart's", ratio(mips(ours), mips(ofOne)), "x", [{ atLeast: 0.9 }]),
        figure("QEMU run in turn / ours, CPU", ratio(theirs?.cpuMs, ours?.cpuMs), "x", [{ atLeast: 0.8 }]),
        replayFigure(medians),
        figure("log", ours?.logBytes, "B"),
        // Each hart has its own timer, whose interrupts are events. A switch is none.
        figure("log / one hart's", ratio(ours?.logBytes, ofOne?.logBytes), "x", [{ atMost: 2 }]),
        figure("events for switches", ours?.deviations, "", [{ atMost: 0 }]),
      ];
    },
  };
};

const mips = (one: Medians | undefined): number | undefined =>
  ratio(one?.instructions, one === undefined ? undefined : one.cpuMs * 1000);

/** The whole log is counted, so what a deviation costs is less. */
const chaosRow = (images: DebianImages, work: string): Row => {
  const log = join(work, "debian-chaos.foldvm");
  const command = recordWithChaos({ ...debianGuest(images), harts: HARTS }, log, SEED);
  const subject: Subject = { name: "ours record", emulator: "foldvm", command, logPath: log, ...BOOT };
  return {
    ...{ name: "debian-chaos", title: `Debian with ${String(HARTS)} harts that deviate by chance`, kind: "log" },
    subjects: [{ ...subject, countDeviations: true }],
    figures: (medians) => {
      const { logBytes, deviations } = medians("ours record") ?? {};
      return [
        figure("log", logBytes, "B"),
        figure("deviations", deviations, ""),
        figure("log for each deviation", ratio(logBytes, deviations), "B", [{ atMost: 20 }]),
      ];
    },
  };
};
