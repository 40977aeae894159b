/**
 * Guest RAM as a value: a tree of 4 KiB pages that shares what did not change with the values before it.
 *
 * Outside Immer on purpose: Immer neither drafts nor freezes typed arrays, so a recipe would change the past.
 */

export const RAM_PAGE_BYTES = 4096;

export interface RamPage {
  /** Never written to once it is in a `Ram`. */
  readonly bytes: Uint8Array;
  /** 0 for a page of zeros. */
  readonly digest: bigint;
}

type Branch = readonly (RamPage | undefined)[];

const BRANCH_PAGES = 512;
const MAX_U64 = (1n << 64n) - 1n;

export class Ram {
  private constructor(
    readonly pageCount: number,
    private readonly branches: readonly (Branch | undefined)[],
    /** The sum of the pages' digests modulo 2^64: each digest is bound to its page's number. */
    readonly digest: bigint,
  ) {}

  static zeros(pageCount: number): Ram {
    return new Ram(pageCount, new Array<Branch | undefined>(Math.ceil(pageCount / BRANCH_PAGES)).fill(undefined), 0n);
  }

  get byteLength(): number {
    return this.pageCount * RAM_PAGE_BYTES;
  }

  /** Undefined: all zeros. */
  page(index: number): RamPage | undefined {
    return this.branches[Math.floor(index / BRANCH_PAGES)]?.[index % BRANCH_PAGES];
  }

  /** A RAM in which these pages are different; a page of zeros is given as undefined. */
  with(pages: Iterable<readonly [number, RamPage | undefined]>): Ram {
    const branches = [...this.branches];
    const fresh = new Set<number>();
    let digest = this.digest;
    for (const [index, page] of pages) {
      const branchIndex = Math.floor(index / BRANCH_PAGES);
      let branch = branches[branchIndex];
      if (!fresh.has(branchIndex)) {
        branch = branch === undefined ? new Array<RamPage | undefined>(BRANCH_PAGES).fill(undefined) : [...branch];
        branches[branchIndex] = branch;
        fresh.add(branchIndex);
      }
      const slots = branch as (RamPage | undefined)[];
      digest += (page?.digest ?? 0n) - (slots[index % BRANCH_PAGES]?.digest ?? 0n);
      slots[index % BRANCH_PAGES] = page;
    }
    return new Ram(this.pageCount, branches, digest & MAX_U64);
  }

  /** The pages in which the two differ, by sharing: what is shared costs nothing to compare. */
  *difference(other: Ram): Generator<number> {
    for (const [branchIndex, branch] of this.branches.entries()) {
      const theirs = other.branches[branchIndex];
      if (branch === theirs) continue;
      for (let slot = 0; slot < BRANCH_PAGES; slot += 1) {
        if (branch?.[slot] !== theirs?.[slot]) yield branchIndex * BRANCH_PAGES + slot;
      }
    }
  }

  /** A copy of the bytes from `offset` (relative to the start of RAM). @throws {RangeError} outside RAM. */
  read(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.byteLength) {
      throw new RangeError(
        `RAM has ${String(this.byteLength)} bytes; asked for ${String(length)} at ${String(offset)}`,
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
