/** A tree of sources: as deep, and with as many nodes, as is wanted. It grows a node at a time, from the root on. */
import { check } from "../../../options/check.js";
import { call, exactly, flag, having, maybe, whole } from "../../../options/codecs.js";
import type { PlainPosition } from "../../../reducers/position.js";
import { paced } from "../paced.js";
import { rowLines } from "./print.js";
import type { Source } from "./source.js";
import { finished, type Steps } from "./steps.js";
import type { TreeRow } from "./tree-row.js";

export interface TreeOptions {
  /** How many hops from the root (12). */
  readonly depth?: number | undefined;
  /** How many nodes in all; those near the root first (100). */
  readonly nodes?: number | undefined;
  /** With what addresses were made of, too. */
  readonly addresses?: boolean | undefined;
  /** With what decided, too. */
  readonly conditions?: boolean | undefined;
}

export interface GrowOptions {
  /** Ends it: the tree is then what was found until that. */
  readonly signal?: AbortSignal | undefined;
  /** Hears now and then how many nodes there are, and where a replay that looks for one stands. */
  readonly progress?: ((nodes: number, position: PlainPosition | undefined) => void) | undefined;
}

const DEFAULT_DEPTH = 12;
const DEFAULT_NODES = 100;

/** For who takes them among others. */
export const TREE_OPTIONS = {
  depth: maybe(whole),
  nodes: maybe(whole),
  addresses: maybe(flag),
  conditions: maybe(flag),
};
const GROW_OPTIONS = exactly<GrowOptions>({
  signal: maybe(having("an AbortSignal", "aborted", "addEventListener")),
  progress: maybe(call),
});

export class SourceTree {
  /** Who has been looked behind. */
  private readonly seen = new Set<Source>();
  /** Nodes in the order of their distance, so that a bound of nodes leaves out what is farthest from the root. */
  private readonly nodes: Node[] = [];
  private lookedAt = 0;

  constructor(
    private readonly source: Source | (() => Steps<Source>),
    private readonly options: TreeOptions,
  ) {}

  get size(): number {
    return this.nodes.length;
  }

  /** Goes on until it is as large as was asked for: true; the host has its turns meanwhile. Throws as `whence` does. */
  async grow(options: GrowOptions = {}): Promise<boolean> {
    check("grow", GROW_OPTIONS, options);
    return paced(this.watched(options));
  }

  growAtOnce(): this {
    finished(this.growth());
    return this;
  }

  /** What there is of it: empty before the first node is found. */
  rows(): readonly TreeRow[] {
    const nodes = walked(this.nodes[0]);
    const ids = new Map(nodes.map((node, id) => [node, id]));
    // Behind which of the nodes that have the same source the tree goes on.
    const told = new Map(nodes.flatMap((node, id) => (node.isOpen ? [[node.source, id]] : [])));
    return nodes.map(({ source, relation, depth, parent, isOpen }, id) => {
      const same = isOpen ? undefined : told.get(source);
      const isCut = !isOpen && same === undefined && GOES_ON.has(source.kind);
      return { ...source.row, id, parent: parent && ids.get(parent), relation, depth, same, isCut };
    });
  }

  /** The same as text, a line a node. */
  lines(): readonly string[] {
    return rowLines(this.rows());
  }

  private *watched({ signal, progress }: GrowOptions): Steps<boolean> {
    const growth = this.growth();
    try {
      while (signal?.aborted !== true) {
        const { done, value: position } = growth.next();
        if (done === true) return true;
        progress?.(this.size, position ?? undefined);
        yield;
      }
      return false;
    } finally {
      growth.return();
    }
  }

  private *growth(): Steps<void> {
    const { depth: most = DEFAULT_DEPTH, nodes: mostNodes = DEFAULT_NODES } = this.options;
    if (this.nodes.length === 0) {
      const source = typeof this.source === "function" ? yield* this.source() : this.source;
      this.nodes.push(nodeOf(source, "root"));
    }
    for (; this.lookedAt < this.nodes.length; this.lookedAt += 1) {
      const node = this.nodes[this.lookedAt];
      if (node === undefined || node.depth >= most || this.size >= mostNodes || this.seen.has(node.source)) continue;
      const found = yield* behind(node, this.options);
      this.seen.add(node.source);
      node.isOpen = true;
      node.children = found.slice(0, mostNodes - this.size);
      this.nodes.push(...node.children);
      yield;
    }
  }
}

/** Kinds of nodes behind which there is more. */
const GOES_ON: ReadonlySet<string> = new Set(["instruction", "pieces", "copied", "loaded", "branch", "trap"]);

interface Node {
  readonly source: Source;
  readonly relation: TreeRow["relation"];
  readonly parent: Node | undefined;
  readonly depth: number;
  children: readonly Node[];
  /** It was looked behind. */
  isOpen: boolean;
}

const nodeOf = (source: Source, relation: Node["relation"], parent?: Node): Node => ({
  ...{ source, relation, parent, depth: parent === undefined ? 0 : parent.depth + 1, children: [], isOpen: false },
});

function* behind(node: Node, { addresses, conditions }: TreeOptions): Steps<readonly Node[]> {
  const nodes: Node[] = [];
  for (const [way, relation, isAsked] of [
    ["sources", "source", true],
    ["addresses", "address", addresses],
    ["conditions", "condition", conditions],
  ] as const) {
    if (isAsked !== true) continue;
    nodes.push(...(yield* node.source.stepsTo(way)).map((one) => nodeOf(one, relation, node)));
  }
  return nodes;
}

/** Parents first. */
function walked(root: Node | undefined): readonly Node[] {
  const order: Node[] = [];
  const ahead = root === undefined ? [] : [root];
  for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
    order.push(node);
    ahead.push(...node.children.toReversed());
  }
  return order;
}

const TREE = exactly<{ readonly source: Source }>({ source: having("a Source, as whence returns", "sources", "row") });
const OPTIONS = exactly<TreeOptions>(TREE_OPTIONS);

/** Finds the nodes that are wanted, and answers all of them. Throws as `whence` does. */
export const treeRows = (source: Source, options: TreeOptions = {}): readonly TreeRow[] =>
  treeOf("treeRows", source, options).rows();

/** The same as text: `@` marks what an address was made of, `?` what decided. Throws as `whence` does. */
export const treeLines = (source: Source, options: TreeOptions = {}): readonly string[] =>
  treeOf("treeLines", source, options).lines();

function treeOf(name: string, source: Source, options: TreeOptions): SourceTree {
  check(name, TREE, { source });
  check(name, OPTIONS, options);
  return new SourceTree(source, options).growAtOnce();
}
