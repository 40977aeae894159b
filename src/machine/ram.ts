/** Guest RAM as a value: 4 KiB pages. */
import { check } from "../options/check.js";
import { exactly, whole } from "../options/codecs.js";
import { hexAddress } from "../reducers/hex.js";
import { DRAM_BASE } from "./memory-map.js";
import { hidden, PageTree } from "./page-tree.js";

export const RAM_PAGE_BYTES = 4096;

export interface RamPage {
  /** Never written to once it is in a `Ram`. */
  readonly bytes: Uint8Array;
  /** 0 for a page of zeros. */
  readonly digest: bigint;
  /** Stands for the page where it may be read from a file more than once. */
  readonly version?: object;
}

const PAGES = exactly<{ readonly pageCount: number }>({ pageCount: whole });

export class Ram {
  declare private readonly tree: PageTree<RamPage>;
  readonly pageCount: number;
  /** Stands for the content, as a `PageTree`'s does. */
  readonly digest: bigint;

  private constructor(tree: PageTree<RamPage>) {
    this.pageCount = tree.pageCount;
    this.digest = tree.digest;
    hidden(this, { tree });
  }

  static zeros(pageCount: number): Ram {
    check("Ram.zeros", PAGES, { pageCount });
    return new Ram(PageTree.empty(pageCount));
  }

  get byteLength(): number {
    return this.pageCount * RAM_PAGE_BYTES;
  }

  /** Undefined: the page is all zeros. */
  page(index: number): RamPage | undefined {
    return this.tree.page(index);
  }

  /** The same object in two states, one behind the other, shows that the page was not written in between. */
  version(index: number): object | undefined {
    const page = this.page(index);
    return page?.version ?? page;
  }

  /** The numbers of the pages that are not all zeros, ascending. */
  pageIndices(): Generator<number> {
    return this.tree.indices();
  }

  /** A RAM with these pages changed. Undefined stands for a page of zeros. */
  with(pages: Iterable<readonly [number, RamPage | undefined]>): Ram {
    return new Ram(this.tree.with(pages));
  }

  /** The pages that differ. Shared parts are skipped, so they cost nothing. */
  difference(other: Ram): Generator<number> {
    return this.tree.difference(other.tree);
  }

  /** A copy of the bytes from `offset` (relative to the start of RAM). @throws {RangeError} outside RAM. */
  read(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.byteLength) {
      throw new RangeError(
        `RAM has ${String(this.byteLength)} bytes; asked for ${String(length)} at offset ${String(offset)}, which ` +
          `counts from the start of RAM: subtract ${hexAddress(DRAM_BASE)} from an address`,
      );
    }
    const out = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const index = Math.floor((offset + at) / RAM_PAGE_BYTES);
      const start = (offset + at) % RAM_PAGE_BYTES;
      const count = Math.min(RAM_PAGE_BYTES - start, length - at);
      const page = this.page(index);
      if (page !== undefined) out.set(page.bytes.subarray(start, start + count), at);
      at += count;
    }
    return out;
  }
}
