/** Recordings that random questions are asked of: small ones that need nothing, and a boot of Debian. */
import { fileURLToPath } from "node:url";
import { join } from "node:path";

import type { DebianImages } from "../../../scripts/debian/debian-images.js";
import { debianMachine } from "../../../scripts/debian/debian-machine.js";
import { fileSink } from "../../../src/streams/host/file-sink.js";
import { indexRecording } from "../../../src/streams/past/index-recording.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { openRecording, type RecordingOptions } from "../../../src/streams/session/open-recording.js";
import { oneOf, type Random } from "../seeded-random.js";
import { demoOptions, LETTERS } from "../demo-guest.js";
import { HARTS_ELF, HARTS_MEMORY } from "../harts-guest.js";
import { recordedBytes } from "../recorded.js";
import { recordTyped } from "../typed-recording.js";

export interface Subject {
  readonly name: string;
  readonly instructions: number;
  /** Where its events stand. */
  readonly eventIcounts: readonly number[];
  /** Opens it anew, with so much memory for states. */
  readonly open: (keptBytes: number | undefined) => Recording;
}

const LOGS = fileURLToPath(new URL("../../../logs", import.meta.url));

const subjectOf = (name: string, source: string | Uint8Array, options: RecordingOptions): Subject => {
  const open = (keptBytes: number | undefined): Recording =>
    openRecording(source, { ...options, ...(keptBytes !== undefined && { keptBytes }) });
  const recording = open(undefined);
  const { instructions } = recording.info;
  const eventIcounts = [...recording.log.events()].map(({ icount }) => Number(icount));
  recording.close();
  return { name, instructions, eventIcounts, open };
};

export const goldenSubject = (name: string): Subject => subjectOf(name, join(LOGS, `${name}.fold`), { index: false });

const HARTS_INSNS = 600_000;
const RACE = [{ wait: "send the letters" }, { type: LETTERS }];

/** Two harts of which one works, and two that work together. */
export async function subjectsWithTwoHarts(): Promise<readonly Subject[]> {
  const demo = await recordedBytes({ ...demoOptions, smp: 2, append: "race" }, { steps: RACE });
  const options = { memory: HARTS_MEMORY, bios: "none", kernel: HARTS_ELF, smp: 2, append: "messages", seed: "harts" };
  const harts = await recordedBytes(options, { untilIcount: HARTS_INSNS });
  return [subjectOf("demo --smp 2", demo, {}), subjectOf("harts --smp 2", harts, {})];
}

/** A boot of Debian up to an icount, in a folder; with its states beside it, since questions come from everywhere. */
export async function debianSubject(images: DebianImages, folder: string, untilIcount: number): Promise<Subject> {
  const path = join(folder, "debian.fold");
  const machine = { ...debianMachine(images), seed: "oracle" };
  await recordTyped({ seed: 0, machine, steps: [], sequence: { sleep: false, untilIcount } }, fileSink(path));
  const options = { index: join(folder, "debian.states") };
  const recording = openRecording(path, options);
  await indexRecording(recording);
  recording.close();
  return subjectOf("debian", path, options);
}

/** A part of a subject up to an icount: somewhere, or around one of its events. */
export function somePart(
  { instructions, eventIcounts }: Pick<Subject, "instructions" | "eventIcounts">,
  longest: number,
  random: Random,
  untilIcount = instructions,
): { readonly from: number; readonly until: number } {
  const insns = Math.min(untilIcount, 100 + random(longest));
  const events = eventIcounts.filter((icount) => icount <= untilIcount);
  const near = random(2) === 0 || events.length === 0 ? random(untilIcount) : oneOf(random, events);
  const from = Math.min(Math.max(0, near - random(insns)), untilIcount - insns);
  return { from, until: from + insns };
}
