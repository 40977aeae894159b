/** Traces: made where code is warm, of the way that control then takes. They cost little, and go where more pays. */
import type { CodeSpot } from "../compiled/code-places.js";
import type { CompiledCode } from "../compiled/installed-code.js";
import { PlaceCounts } from "../compiled/place-counts.js";
import type { TierParts } from "../compiled/tier-parts.js";
import type { FunctionBody } from "../../wasm/module-builder.js";
import { CONTROL } from "../layout.js";
import type { TraceCompilerExports } from "./compiler-functions.js";
import { TraceCompiler } from "./trace-compiler.js";

export interface TraceOptions {
  /** Traces compiled together in one module. */
  readonly batch: number;
  readonly compiler: () => TraceCompilerExports;
}

/** Code that changes its way often is recorded so often at most. */
export const MAX_RECORDINGS = 4;
/** A path of fewer instructions is not worth it. */
const LEAST_INSNS = 2;

interface Waiting {
  readonly code: CompiledCode;
  readonly body: FunctionBody;
}

export class TraceTier {
  private readonly compiler: TraceCompiler;
  /** By the slot of the head. */
  private readonly waiting = new Map<number, Waiting>();
  private recordedHead: CodeSpot | undefined;
  /** How often a path from a place was recorded. */
  private readonly recordings = new PlaceCounts();

  constructor(
    private readonly parts: TierParts,
    private readonly options: TraceOptions,
  ) {
    this.compiler = new TraceCompiler(parts.memory, options.compiler);
  }

  /** Control arrived here often enough. Whether to record where it goes now. */
  noteHot(spot: CodeSpot): boolean {
    const { memory, places } = this.parts;
    if (this.recordedHead !== undefined) return false;
    if (this.waiting.has(places.slotOf(spot))) {
      this.installWaiting();
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
    const { places, dropAll } = this.parts;
    const head = this.recordedHead;
    if (head === undefined) return;
    const insns = this.compiler.findPath(places.slotOf(head));
    this.stopRecording();
    // One instruction is worth it where the interpreter would be called for nothing else.
    if (insns < (this.compiler.leadsToCode ? 1 : LEAST_INSNS)) return;
    if (!this.compiler.hasRoom) {
      dropAll();
      return;
    }
    this.waiting.set(places.slotOf(head), this.compile(head));
    if (this.waiting.size >= this.options.batch) this.installWaiting();
  }

  private stopRecording(): void {
    this.recordedHead = undefined;
    this.parts.memory.setCount(CONTROL.recordAt, 0);
  }

  /** The code of this page is other code now. */
  forgetPage(codePage: number): void {
    this.recordings.forgetPage(codePage);
    if (this.recordedHead?.codePage === codePage) this.stopRecording();
    for (const [slot, { code }] of this.waiting) {
      if (code.codePages.includes(codePage)) this.waiting.delete(slot);
    }
  }

  /** What was made here does not count: it relied on something that no longer holds. */
  forgive(spot: CodeSpot): void {
    this.recordings.forget(spot);
  }

  /** All traces are gone. */
  startAnew(): void {
    this.compiler.startAnew();
    this.waiting.clear();
    this.recordings.clear();
  }

  install(id: number, code: CompiledCode, exported: unknown): void {
    this.parts.executed.noteTraced(code.words);
    this.parts.installed.install(id, code, exported, () => false);
  }

  /** The path that was found. */
  private compile(head: CodeSpot): Waiting {
    const { codePages, words } = this.compiler;
    const body = this.compiler.compile(this.parts.directRamFor(codePages) !== undefined);
    return { code: { kind: "trace", codePages, entries: [head], words }, body };
  }

  /** Those of which memory still holds what was recorded: stores to code that is not installed are nobody's concern. */
  private installWaiting(): void {
    const { places, installed, executed, modules, dropAll } = this.parts;
    const all = [...this.waiting.values()];
    this.waiting.clear();
    const present = all.filter(({ code: { entries, words } }) => {
      const isFree = entries.every((head) => places.codeAt(head) === 0);
      return isFree && executed.isStill(words);
    });
    if (!installed.hasRoomFor(present.length)) {
      dropAll();
      return;
    }
    const numbered = present.map((trace): [number, Waiting] => [installed.newId(), trace]);
    const made = modules.make(numbered.map(([id, { body }]) => [id, body]));
    for (const [id, { code }] of numbered) this.install(id, code, made(id));
  }
}
