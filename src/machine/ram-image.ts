/** Keeps an engine's RAM and the immutable `Ram` in step: digests, captures, and loading another state. */
import type { Engine } from "./engine/engine.js";
import { roomFor } from "./page-room.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "./ram.js";

const MAX_U64 = (1n << 64n) - 1n;

/** A question that is answered in a millisecond should not take longer to begin. */
const COMPARED_PAGES = 64;

export class RamImage {
  private readonly digests: BigUint64Array;
  private sum = 0n;
  /** The content of the engine's RAM at the last capture or load. */
  private captured: Ram;

  constructor(readonly engine: Engine) {
    const pages = engine.ram.length / RAM_PAGE_BYTES;
    this.digests = new BigUint64Array(pages);
    this.captured = Ram.zeros(pages);
  }

  /** The digest of all RAM. Costs what was written since the last call. */
  digest(): bigint {
    for (const page of this.engine.takeWritten("digest")) {
      const digest = this.engine.pageDigest(page);
      this.sum = (this.sum + digest - (this.digests[page] ?? 0n)) & MAX_U64;
      this.digests[page] = digest;
    }
    return this.sum;
  }

  /** RAM as a value. Costs what was written since the last capture. */
  capture(): Ram {
    this.digest();
    const { ram } = this.engine;
    const room = roomFor(RAM_PAGE_BYTES);
    const written = this.engine.takeWritten("capture").map((page): [number, RamPage | undefined] => {
      const digest = this.digests[page] ?? 0n;
      if (digest === 0n) return [page, undefined];
      const bytes = room();
      bytes.set(ram.subarray(page * RAM_PAGE_BYTES, (page + 1) * RAM_PAGE_BYTES));
      return [page, { bytes, digest }];
    });
    if (written.length > 0) this.captured = this.captured.with(written);
    return this.captured;
  }

  /** `target` as if it had been written: its pages that differ from the engine's RAM are versions of their own. */
  rewritten(target: Ram): Ram {
    const differing = [...target.difference(this.capture())];
    return target.with(
      differing.map((index) => {
        const page = target.page(index);
        return [index, page && { bytes: page.bytes, digest: page.digest }];
      }),
    );
  }

  /** Of some pages of code that the engine has decoded, how many are the same in `target`. */
  codeIn(target: Ram): number {
    this.digest();
    const pages = this.engine.decodedPages?.(COMPARED_PAGES) ?? [];
    return pages.filter((page) => target.page(page)?.digest === this.digests[page]).length;
  }

  /** Puts `target` into the engine's RAM. Costs the pages that differ. */
  load(target: Ram): void {
    const differing = [...new Set([...this.engine.takeWritten("capture"), ...target.difference(this.captured)])];
    this.engine.loadPages(differing.map((page) => [page, target.page(page)?.bytes]));
    for (const page of differing) this.digests[page] = target.page(page)?.digest ?? 0n;
    this.sum = target.digest;
    this.captured = target;
  }
}
