/**
 * A row for each bare-metal program: ours recording against QEMU recording, and for some the plain run and the replay.
 */
import { join } from "node:path";
import { foldvm, qemu, type Emulator, type Guest } from "./emulators.js";
import { consoleOf, elfOf, PROGRAMS, type Program } from "./programs.js";
import type { Figure, Medians, Row, Subject, Target } from "./row.js";
import { ratio } from "./statistics.js";

export const programRows = (work: string): readonly Row[] => PROGRAMS.map((program) => programRow(program, work));

/** Programs that are also run plain and replayed: one of each temper. */
const IN_FULL: ReadonlySet<string> = new Set(["mix", "sort", "sv39", "ecall", "timer"]);

const SPEED_TARGETS: Readonly<Record<string, readonly Target[]>> = {
  cold: [{ atLeast: 1.3 }],
  sv39: [{ atLeast: 3 }],
};

const EVERY_ROW: readonly Target[] = [{ atLeast: 1.1 }];

export const bareMetal = (name: string): Guest => ({ memoryMiB: 256, bios: "none", kernel: elfOf(name) });

const programRow = (program: Program, work: string): Row => {
  const { name, title, kind } = program;
  const guest = bareMetal(name);
  const side = (label: string, id: "foldvm" | "qemu", emulator: Emulator): readonly Subject[] => {
    const log = join(work, `${name}.${id}`);
    const expect = consoleOf(program);
    const record: Subject = {
      ...{ name: `${label} record`, emulator: id, command: emulator.record(guest, log), expect, logPath: log },
      countInstructions: id === "foldvm",
    };
    const rest: readonly Subject[] = [
      { name: `${label} replay`, emulator: id, command: emulator.replay(guest, log), expect },
      { name: `${label} run`, emulator: id, command: emulator.run(guest), expect },
    ];
    return IN_FULL.has(name) ? [record, ...rest] : [record];
  };
  const ours = side("ours", "foldvm", foldvm);
  const theirs = side("QEMU", "qemu", qemu);
  return {
    ...{ name, title, kind },
    // Ours and theirs take turns within a round, so that a slow minute of the host hits both.
    subjects: ours.flatMap((subject, index) => [subject, theirs[index]].filter((one) => one !== undefined)),
    figures: (medians) => figures(program, medians),
  };
};

const figures = ({ name }: Program, medians: (subject: string) => Medians | undefined): readonly Figure[] => {
  const [ours, theirs] = [medians("ours record"), medians("QEMU record")];
  const mips = ratio(ours?.instructions, ours === undefined ? undefined : ours.cpuMs * 1000);
  const all: Figure[] = [
    figure("speed", ours === undefined ? undefined : mips, "MIPS"),
    figure("QEMU record / ours, CPU", ratio(theirs?.cpuMs, ours?.cpuMs), "x", SPEED_TARGETS[name] ?? EVERY_ROW),
    figure("QEMU record / ours, wall", ratio(theirs?.wallMs, ours?.wallMs), "x"),
  ];
  if (IN_FULL.has(name)) {
    all.push(...replayFigures(medians));
    const qemuReplay = ratio(medians("QEMU replay")?.cpuMs, medians("ours replay")?.cpuMs);
    const targets: readonly Target[] | undefined = name === "ecall" ? [{ atLeast: 10 }] : undefined;
    all.push(figure("QEMU replay / ours, CPU", qemuReplay, "x", targets));
  }
  if (name === "ecall") {
    // What a boot of the same guest without ecalls logs is a header: it is counted in, and still must fit.
    all.push(figure("log", ours?.logBytes, "B", [{ atMost: 1024 }]));
    all.push(figure("QEMU log", theirs?.logBytes, "B"));
  }
  if (name === "timer") {
    all.push(figure("log", ours?.logBytes, "B"), figure("QEMU log", theirs?.logBytes, "B"));
  }
  return all;
};

/** Our own recording against the plain run, and our replay against the recording: the same for every guest. */
export const replayFigures = (medians: (subject: string) => Medians | undefined): readonly Figure[] => [
  figure("plain run / record, CPU", ratio(medians("ours run")?.cpuMs, medians("ours record")?.cpuMs), "x", [
    { atLeast: 0.97 },
  ]),
  replayFigure(medians),
];

export const replayFigure = (medians: (subject: string) => Medians | undefined): Figure =>
  figure("record / replay, CPU", ratio(medians("ours record")?.cpuMs, medians("ours replay")?.cpuMs), "x", [
    { atLeast: 1 },
  ]);

export const figure = (
  name: string,
  value: number | undefined,
  unit: Figure["unit"],
  targets?: readonly Target[],
): Figure => (targets === undefined ? { name, value, unit } : { name, value, unit, targets });
