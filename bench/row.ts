/** What a benchmark row is: processes to run in turn, and figures drawn from the medians of what they cost. */
import type { ProcessPlan } from "./measured-process.js";

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly kind: "compute" | "system" | "guest" | "log";
  /** Run in this order in each round; a replay follows the recording that it reads. */
  readonly subjects: readonly Subject[];
  readonly figures: (medians: (subject: string) => Medians | undefined) => readonly Figure[];
}

export interface Subject extends ProcessPlan {
  /** As `ours record`: emulator and what it does. */
  readonly name: string;
  readonly emulator: "foldvm" | "qemu";
  /** Ask our recording for its instruction count afterwards. */
  readonly countInstructions?: boolean;
  /** The same for the deviations of its schedule and clock. */
  readonly countDeviations?: boolean;
}

export interface Medians {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakRssBytes: number | undefined;
  readonly logBytes: number | undefined;
  readonly logMarks: Readonly<Record<string, number>>;
  readonly instructions: number | undefined;
  readonly deviations: number | undefined;
}

/** One number; undefined where a side that it compares with is not installed. */
export interface Figure {
  readonly name: string;
  readonly value: number | undefined;
  readonly unit: "x" | "B" | "B/s" | "MB" | "MIPS" | "s" | "runs/min" | "";
  readonly targets?: readonly Target[];
}

/** What must be reached. */
export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const meets = (value: number, target: Target): boolean =>
  value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
