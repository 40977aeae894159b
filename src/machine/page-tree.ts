/**
 * A sparse array of pages as an immutable value. It is a tree that shares unchanged parts with earlier values.
 *
 * It does not use Immer, which neither drafts nor freezes typed arrays: a recipe would change the past.
 */

/** A 64-bit digest that depends on the page's number. The page is never written to once it is in a tree. */
export interface Digested {
  readonly digest: bigint;
}

/** Branches, or at the bottom pages. */
type Branch = readonly unknown[];

const FAN_OUT = 512;
const MAX_U64 = (1n << 64n) - 1n;

/** Its digest stands for its content: where values are compared member by member or printed, no page is looked into. */
export class PageTree<Page extends Digested> {
  declare private readonly root: Branch | undefined;
  /** The number of pages below each branch of the root. */
  declare private readonly span: number;

  private constructor(
    readonly pageCount: number,
    root: Branch | undefined,
    span: number,
    /** The sum of the pages' digests modulo 2^64. */
    readonly digest: bigint,
  ) {
    hidden(this, { root, span });
  }

  static empty<Page extends Digested>(pageCount: number): PageTree<Page> {
    let span = 1;
    while (span * FAN_OUT < pageCount) span *= FAN_OUT;
    return new PageTree<Page>(pageCount, undefined, span, 0n);
  }

  page(index: number): Page | undefined {
    let branch = this.root;
    let rest = index;
    for (let { span } = this; span > 1; span /= FAN_OUT) {
      branch = branch?.[Math.floor(rest / span)] as Branch | undefined;
      rest %= span;
    }
    return branch?.[rest] as Page | undefined;
  }

  /** A tree with these pages changed; undefined removes a page. */
  with(pages: Iterable<readonly [number, Page | undefined]>): PageTree<Page> {
    const fresh = new Set<Branch>();
    const copied = (branch: Branch | undefined): unknown[] => {
      if (branch !== undefined && fresh.has(branch)) return branch as unknown[];
      const copy = branch === undefined ? new Array<unknown>(FAN_OUT).fill(undefined) : [...branch];
      fresh.add(copy);
      return copy;
    };
    let { root, digest } = this;
    for (const [index, page] of pages) {
      let branch = copied(root);
      root = branch;
      let rest = index;
      for (let { span } = this; span > 1; span /= FAN_OUT) {
        const at = Math.floor(rest / span);
        const below = copied(branch[at] as Branch | undefined);
        branch[at] = below;
        branch = below;
        rest %= span;
      }
      digest += (page?.digest ?? 0n) - ((branch[rest] as Page | undefined)?.digest ?? 0n);
      branch[rest] = page;
    }
    return new PageTree(this.pageCount, root, this.span, digest & MAX_U64);
  }

  /** The pages that differ. Shared parts are skipped, so they cost nothing. */
  difference(other: PageTree<Page>): Generator<number> {
    return differing(this.root, other.root, this.span, 0);
  }

  /** The numbers of the pages in the tree, ascending. */
  indices(): Generator<number> {
    return differing(this.root, undefined, this.span, 0);
  }
}

/** Members that whoever compares or prints a value does not come to: they are not enumerable. */
export function hidden(of: object, members: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(members)) Object.defineProperty(of, name, { value });
}

function* differing(
  ours: Branch | undefined,
  theirs: Branch | undefined,
  span: number,
  first: number,
): Generator<number> {
  if (ours === theirs) return;
  for (let at = 0; at < FAN_OUT; at += 1) {
    if (ours?.[at] === theirs?.[at]) continue;
    if (span === 1) yield first + at;
    else yield* differing(ours?.[at] as Branch, theirs?.[at] as Branch, span / FAN_OUT, first + at * span);
  }
}
