/** Traces: made where code is warm, of the way that control then takes. They cost little, and go where more pays. */
import type { CodeSpot } from "../compiled/code-places.js";
import { compilable, distanceOf, offsetInPage } from "../compiled/compilable.js";
import type { CompiledCode } from "../compiled/installed-code.js";
import { PlaceCounts } from "../compiled/place-counts.js";
import type { TierParts } from "../compiled/tier-parts.js";
import type { Assembler } from "../../wasm/assembler.js";
import { CONTROL, PAGE_BYTES } from "../layout.js";
import { traceFunction } from "./trace-function.js";
import { TraceSites } from "./trace-sites.js";
import { traceOf, type Trace } from "./trace.js";

export interface TraceOptions {
  /** Traces compiled together in one module. */
  readonly batch: number;
}

/** Code that changes its way often is recorded so often at most. */
export const MAX_RECORDINGS = 4;

export class TraceTier {
  private readonly sites: TraceSites;
  private readonly waiting = new Map<number, Trace>();
  private recordedHead: CodeSpot | undefined;
  /** How often a path from a place was recorded. */
  private readonly recordings = new PlaceCounts();

  constructor(
    private readonly parts: TierParts,
    private readonly options: TraceOptions,
  ) {
    this.sites = new TraceSites(parts.memory);
  }

  /** Control arrived here often enough. Whether to record where it goes now. */
  noteHot(spot: CodeSpot): boolean {
    const { memory, places } = this.parts;
    if (this.recordedHead !== undefined) return false;
    if (this.waiting.has(places.slotOf(spot))) {
      this.compile();
      return false;
    }
    if (this.recordings.of(spot) >= MAX_RECORDINGS || places.codeAt(spot) !== 0) return false;
    this.recordings.add(spot);
    this.recordedHead = spot;
    memory.setCount(CONTROL.recordAt, memory.layout.recorded.start);
    return true;
  }

  get isRecording(): boolean {
    return this.recordedHead !== undefined;
  }

  /** The recording is full, or the run ended. */
  recorded(): void {
    const { memory, places } = this.parts;
    const head = this.recordedHead;
    if (head === undefined) return;
    const pcs: bigint[] = [];
    const { start, end } = memory.layout.recorded;
    const until = memory.low(CONTROL.recordAt) === 0 ? end : memory.low(CONTROL.recordAt);
    for (let at = start; at < until; at += 8) pcs.push(memory.view.getBigUint64(at, true));
    this.recordedHead = undefined;
    memory.setCount(CONTROL.recordAt, 0);
    const trace = traceOf(head, pcs, this.parts);
    if (trace === undefined) return;
    this.waiting.set(places.slotOf(head), trace);
    if (this.waiting.size >= this.options.batch) this.compile();
  }

  /** The code of this page is other code now. */
  forgetPage(codePage: number): void {
    this.recordings.forgetPage(codePage);
    if (this.recordedHead?.codePage === codePage) this.recordedHead = undefined;
    for (const [slot, { pages }] of this.waiting) {
      if ([...pages.values()].includes(codePage)) this.waiting.delete(slot);
    }
  }

  /** What was made here does not count: it relied on something that no longer holds. */
  forgive(spot: CodeSpot): void {
    this.recordings.forget(spot);
  }

  /** All traces are gone. */
  startAnew(): void {
    this.sites.clear();
    this.waiting.clear();
  }

  private compile(): void {
    const { places, installed, modules, dropAll } = this.parts;
    const traces = [...this.waiting.values()].filter(
      (trace) => places.codeAt(trace.head) === 0 && this.isPresent(trace),
    );
    const insns = traces.reduce((sum, { instructions }) => sum + instructions.length, 0);
    this.waiting.clear();
    if (!installed.hasRoomFor(traces.length) || !this.sites.hasRoomFor(insns)) {
      dropAll();
      return;
    }
    const numbered = traces.map((trace): [number, Trace] => [installed.newId(), trace]);
    const made = modules.make(numbered.map(([id, trace]) => [id, this.bodyOf(trace)]));
    for (const [id, trace] of numbered) {
      const { head, pages } = trace;
      const instructions = trace.instructions.map(({ offset, decoded: { raw } }) => ({
        spot: spotIn(trace, offset),
        raw,
      }));
      this.install(id, { kind: "trace", codePages: [...pages.values()], entries: [head], instructions }, made(id));
    }
  }

  install(id: number, code: CompiledCode, exported: unknown): void {
    for (const { spot } of code.instructions) this.parts.executed.noteTraced(spot);
    this.parts.installed.install(id, code, exported, () => false);
  }

  /**
   * Whether memory still holds what was recorded, and nobody probes it since: stores to code that is not compiled are
   * nobody's concern.
   */
  private isPresent(trace: Trace): boolean {
    return trace.instructions.every(({ offset, decoded }) => {
      const { codePage, offset: inPage } = spotIn(trace, offset);
      return compilable(this.parts.executed.page(codePage), inPage)?.raw === decoded.raw;
    });
  }

  private bodyOf(trace: Trace): Assembler {
    const { places, split, directRamFor } = this.parts;
    return traceFunction({
      trace,
      sites: this.sites,
      directRam: directRamFor([...trace.pages.values()]),
      isSplit: (offset) => split.isSplit(places.slotOf(spotIn(trace, offset))),
      codeAt: (distance) => places.slotOf(spotIn(trace, distance * PAGE_BYTES)),
      codeWordAt: (offset) => places.codeWordOf(spotIn(trace, offset)),
    });
  }
}

/** On a page of the trace. */
const spotIn = ({ head, pages }: Trace, offset: number): CodeSpot => ({
  codePage: pages.get(distanceOf(offset)) ?? head.codePage,
  offset: offsetInPage(offset),
});
