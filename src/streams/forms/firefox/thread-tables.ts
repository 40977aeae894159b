/** A hart as a thread of the profiler: its samples, and what they are made of, each once, in columns. */
import { hexAddress } from "../../../reducers/hex.js";
import type { SampledFrame, SampledStack } from "./question.js";

export const CATEGORIES = [
  { name: "Other", color: "grey", subcategories: ["Other"] },
  { name: "User", color: "green", subcategories: ["Other"] },
  { name: "Kernel", color: "orange", subcategories: ["Other"] },
  { name: "Firmware", color: "blue", subcategories: ["Other"] },
] as const;

const CATEGORY_OF: Readonly<Record<SampledStack["level"], number>> = { user: 1, kernel: 2, firmware: 3 };
const OTHER = 0;
/** Whether a marker is an instant, or has an end. */
const [INSTANT, INTERVAL] = [0, 1];
/** All of them are in memory until the profile is written. */
export const MAX_THREAD_MARKERS = 1 << 18;

export interface Marker {
  /** Of a row of the chart: the type, where it is left out. */
  readonly name?: string;
  /** As in the schema. */
  readonly type: string;
  readonly text: string;
  readonly ns: bigint;
  /** Of an interval. */
  readonly endNs?: bigint;
}

interface MarkerRow {
  readonly name: number;
  readonly startTime: number;
  readonly endTime: number | null;
  readonly data: object;
}

interface Strings {
  of(string: string): number;
}

export class ThreadTables {
  private readonly functions = new Indexed<{ readonly name: number; readonly file: number | null }>();
  private readonly frames = new Indexed<Omit<SampledFrame, "pc" | "function" | "file"> & FrameColumns>();
  private readonly stacks = new Indexed<{ readonly frame: number; readonly prefix: number | null }>();
  private readonly stackOfSample: (number | null)[] = [];
  private readonly timesMs: number[] = [];
  private readonly markers: MarkerRow[] = [];
  private lostMarkers = 0;

  constructor(
    private readonly strings: Strings,
    private readonly hart: number,
  ) {}

  sample(ns: bigint, { level, frames }: SampledStack): void {
    let prefix: number | null = null;
    let inlineDepth = 0;
    for (const frame of [...frames].reverse()) {
      inlineDepth = frame.isInlined ? inlineDepth + 1 : 0;
      const at = this.frame(frame, level, inlineDepth);
      prefix = this.stacks.of(`${String(at)} ${String(prefix)}`, () => ({ frame: at, prefix }));
    }
    this.stackOfSample.push(prefix);
    this.timesMs.push(msOf(ns));
  }

  marker(marker: Marker): void {
    if (this.markers.length < MAX_THREAD_MARKERS) this.markers.push(this.rowOf(marker));
    else this.lostMarkers += 1;
  }

  private rowOf({ type, name = type, text, ns, endNs }: Marker): MarkerRow {
    const endTime = endNs === undefined ? null : msOf(endNs);
    return { name: this.strings.of(name), startTime: msOf(ns), endTime, data: { type, text } };
  }

  /** Between samples: the virtual clock of an idle guest jumps, so it is the median. */
  get intervalMs(): number {
    const distances = this.timesMs.slice(1).map((ms, index) => ms - (this.timesMs[index] ?? 0));
    return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 0;
  }

  /** Once all is known. */
  end(ns: bigint): void {
    const { lostMarkers } = this;
    if (lostMarkers > 0) this.markers.push(this.rowOf({ type: "gap", text: `${String(lostMarkers)} more`, ns }));
  }

  toJSON(): object {
    const name = `hart ${String(this.hart)}`;
    const count = this.stackOfSample.length;
    return {
      ...{ processType: "default", processStartupTime: 0, processShutdownTime: null, registerTime: 0 },
      ...{ unregisterTime: null, pausedRanges: [], name, isMainThread: this.hart === 0, processName: "machine" },
      ...{ pid: "0", tid: this.hart },
      samples: { stack: this.stackOfSample, time: this.timesMs, weight: null, weightType: "samples", length: count },
      markers: this.markersColumns(),
      stackTable: columns(this.stacks.all, ["frame", "prefix"]),
      frameTable: this.frameColumns(),
      funcTable: this.functionColumns(),
      resourceTable: { lib: [], name: [], host: [], type: [], length: 0 },
      nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
    };
  }

  private frame(frame: SampledFrame, level: SampledStack["level"], inlineDepth: number): number {
    const { pc, function: called, file, line, isInlined } = frame;
    const name = called ?? hexAddress(pc);
    const func = this.functions.of(`${name} ${String(file)}`, () => ({
      name: this.strings.of(name),
      file: file === undefined ? null : this.strings.of(file),
    }));
    const category = categoryOf(pc, level);
    const key = [pc, func, inlineDepth, category, line].map(String).join(" ");
    return this.frames.of(key, () => ({ func, line, isInlined, inlineDepth, category }));
  }

  private frameColumns(): object {
    const { all } = this.frames;
    const filled = <T>(value: T): readonly T[] => all.map(() => value);
    return {
      // No library holds it: there is nothing that an address could be relative to.
      address: filled(-1),
      ...columns(all, ["func", "category", "inlineDepth"]),
      line: all.map(({ line }) => line ?? null),
      ...{ subcategory: filled(0), nativeSymbol: filled(null), innerWindowID: filled(0), column: filled(null) },
    };
  }

  private functionColumns(): object {
    const { all } = this.functions;
    const filled = <T>(value: T): readonly T[] => all.map(() => value);
    return {
      ...columns(all, ["name"]),
      fileName: all.map(({ file }) => file),
      ...{ isJS: filled(false), relevantForJS: filled(false), resource: filled(-1) },
      ...{ lineNumber: filled(null), columnNumber: filled(null) },
    };
  }

  /** By where they begin. */
  private markersColumns(): object {
    const markers = [...this.markers].sort((a, b) => a.startTime - b.startTime);
    const phase = markers.map(({ endTime }) => (endTime === null ? INSTANT : INTERVAL));
    return {
      ...columns(markers, ["name", "data", "startTime", "endTime"]),
      ...{ phase, category: markers.map(() => OTHER) },
    };
  }
}

interface FrameColumns {
  readonly func: number;
  readonly inlineDepth: number;
  readonly category: number;
}

/** The kernel's part of a stack that began in a program is the kernel's. */
const categoryOf = (pc: bigint, level: SampledStack["level"]): number =>
  CATEGORY_OF[pc >> 63n === 1n ? "kernel" : level];

const msOf = (ns: bigint): number => Number(ns) / 1e6;

function columns<Row extends object>(rows: readonly Row[], names: readonly (keyof Row & string)[]): object {
  const entries = names.map((name) => [name, rows.map((row) => row[name])] as const);
  return { ...Object.fromEntries(entries), length: rows.length };
}

/** Rows of a table, each once. */
class Indexed<Row> {
  readonly all: Row[] = [];
  private readonly known = new Map<string, number>();

  of(key: string, make: () => Row): number {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, this.all.length);
    return this.all.push(make()) - 1;
  }
}
