/** Keeps an engine's RAM and the immutable `Ram` in step: digests, captures, and going to another state. */
import type { Engine } from "./engine/engine.js";
import { PAGE_FLAG } from "./engine/layout.js";
import { PageDigester } from "./engine/page-digest.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "./ram.js";

/** Captured pages lie in small slabs: few allocations, and a page that lives long keeps few others alive. */
const SLAB_PAGES = 16;
const MAX_U64 = (1n << 64n) - 1n;

export class RamImage {
  private readonly digester: PageDigester;
  private readonly digests: BigUint64Array;
  private sum = 0n;
  /** What the engine's RAM held when it was last captured or loaded. */
  private captured: Ram;

  constructor(private readonly engine: Engine) {
    const { memory } = engine;
    this.digester = new PageDigester(memory.wasm);
    this.digests = new BigUint64Array(memory.layout.ramPages);
    this.captured = Ram.zeros(memory.layout.ramPages);
  }

  /** The digest of all RAM; costs what was written since it was last asked for. */
  digest(): bigint {
    const { memory } = this.engine;
    for (const page of this.flagged(PAGE_FLAG.digestStale)) {
      const digest = this.digester.at(memory.layout.ram + page * RAM_PAGE_BYTES, page);
      this.sum = (this.sum + digest - (this.digests[page] ?? 0n)) & MAX_U64;
      this.digests[page] = digest;
    }
    return this.sum;
  }

  /** RAM as a value; costs what was written since the last one was taken. */
  capture(): Ram {
    this.digest();
    const { ram } = this.engine.memory;
    let slab = new Uint8Array(0);
    let used = SLAB_PAGES;
    const written = this.flagged(PAGE_FLAG.uncaptured).map((page): [number, RamPage | undefined] => {
      const digest = this.digests[page] ?? 0n;
      if (digest === 0n) return [page, undefined];
      if (used === SLAB_PAGES) {
        slab = new Uint8Array(SLAB_PAGES * RAM_PAGE_BYTES);
        used = 0;
      }
      const bytes = slab.subarray(used * RAM_PAGE_BYTES, (used + 1) * RAM_PAGE_BYTES);
      used += 1;
      bytes.set(ram.subarray(page * RAM_PAGE_BYTES, (page + 1) * RAM_PAGE_BYTES));
      return [page, { bytes, digest }];
    });
    if (written.length > 0) this.captured = this.captured.with(written);
    return this.captured;
  }

  /** Makes the engine's RAM this one; costs the pages that differ. */
  load(target: Ram): void {
    const { memory } = this.engine;
    const differing = new Set([...this.flagged(PAGE_FLAG.uncaptured), ...target.difference(this.captured)]);
    for (const page of differing) {
      const offset = page * RAM_PAGE_BYTES;
      const source = target.page(page);
      if (source === undefined) memory.ram.fill(0, offset, offset + RAM_PAGE_BYTES);
      else memory.ram.set(source.bytes, offset);
      this.engine.ramWritten(offset, RAM_PAGE_BYTES);
      this.digests[page] = source?.digest ?? 0n;
      memory.pageFlags[page] = (memory.pageFlags[page] ?? 0) & ~(PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured);
    }
    this.sum = target.digest;
    this.captured = target;
    this.engine.writesNoted();
  }

  /** The pages with this flag, which is cleared. */
  private flagged(flag: number): number[] {
    const { pageFlags } = this.engine.memory;
    const pages: number[] = [];
    // Four pages at a time: most have not been written.
    const inAnyOfFour = flag * 0x0101_0101;
    const fours = new Uint32Array(pageFlags.buffer, pageFlags.byteOffset, Math.ceil(pageFlags.length / 4));
    for (let four = -1; (four = nextWith(inAnyOfFour, fours, four + 1)) < fours.length;) {
      for (let page = four * 4; page < Math.min(four * 4 + 4, pageFlags.length); page += 1) {
        const flags = pageFlags[page] ?? 0;
        if ((flags & flag) === 0) continue;
        pages.push(page);
        pageFlags[page] = flags & ~flag;
      }
    }
    if (pages.length > 0) this.engine.writesNoted();
    return pages;
  }
}

/** The first place from `start` on that has one of the bits; behind the last where none has. Small, so that V8 optimises it once. */
function nextWith(bits: number, words: Uint32Array, start: number): number {
  let at = start;
  while (at < words.length && ((words[at] ?? 0) & bits) === 0) at += 1;
  return at;
}
