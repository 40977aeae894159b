/** A machine whose caches go at random moments: none of it may show. */
import type { Engine } from "../../src/machine/engine/engine.js";
import { WasmEngine } from "../../src/machine/engine/wasm-engine.js";
import { PAGE_FLAG } from "../../src/machine/engine/layout.js";
import { Machine, type MachineOptions, type Stop } from "../../src/machine/machine.js";
import type { EngineFactory } from "../../src/machine/engine/engine.js";
import { RAM_PAGE_BYTES } from "../../src/machine/ram.js";
import type { MachineState } from "../../src/machine/state.js";
import type { Random } from "./seeded-random.js";

export class FlushedMachine extends Machine {
  flushes = 0;

  private constructor(
    initial: MachineState,
    options: MachineOptions,
    private readonly flushed: () => Engine | undefined,
    private readonly random: Random,
    private readonly longestPieceInsns: number,
  ) {
    super(initial, options);
  }

  static open(
    initial: MachineState,
    options: MachineOptions & { readonly engine: EngineFactory },
    random: Random,
    longestPieceInsns: number,
  ): FlushedMachine {
    let created: Engine | undefined;
    const engine: EngineFactory = (bus, wanted) => (created = options.engine(bus, wanted));
    return new FlushedMachine(initial, { ...options, engine }, () => created, random, longestPieceInsns);
  }

  override run(untilIcount: number): Stop {
    for (;;) {
      const piece = 1 + this.random(this.longestPieceInsns);
      const stop = super.run(Math.min(untilIcount, this.position.icount + piece));
      const engine = this.flushed();
      if (engine !== undefined) this.flush(engine);
      if (stop !== "arrived" || this.position.icount >= untilIcount) return stop;
    }
  }

  private flush(engine: Engine): void {
    this.flushes += 1;
    const kind = this.random(4);
    // Translations; the pages that may be written without notice; decoded code with its regions: of some pages, of all.
    if (kind === 0) engine.invalidate();
    if (kind === 1) forgetWrites(engine);
    if (kind === 2) this.forgetCode(engine, 16);
    if (kind === 3 && this.random(16) === 0) this.forgetCode(engine, 1);
  }

  private forgetCode(engine: Engine, oneIn: number): void {
    if (!(engine instanceof WasmEngine)) return;
    const { pageFlags } = engine.memory;
    for (let page = 0; page < pageFlags.length; page += 1) {
      if (((pageFlags[page] ?? 0) & PAGE_FLAG.code) !== 0 && this.random(oneIn) === 0) forgetCode(engine, page);
    }
  }
}

/** The next store to each page must be noticed again. */
export function forgetWrites(engine: Engine): void {
  if (engine instanceof WasmEngine) engine.noticeWrites();
}

const WRITTEN = PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured;

/**
 * Drops the decoded code and the regions of a page, as a device's write of the bytes that are there would; it counts as
 * none.
 */
export function forgetCode(engine: Engine, page: number): void {
  if (!(engine instanceof WasmEngine)) return;
  const { pageFlags } = engine.memory;
  const written = (pageFlags[page] ?? 0) & WRITTEN;
  engine.ramWritten(page * RAM_PAGE_BYTES, RAM_PAGE_BYTES);
  pageFlags[page] = ((pageFlags[page] ?? 0) & ~WRITTEN) | written;
}
