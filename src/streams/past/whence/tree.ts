/** A tree of sources in rows: as deep, and with as many nodes, as is wanted. */
import type { Source, SourceRow } from "./source.js";
import { check } from "../../../options/check.js";
import { exactly, having, maybe, whole, flag } from "../../../options/codecs.js";

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

/** A node of a tree, in the order of a walk: parents first. Plain data. */
export interface TreeRow extends SourceRow {
  /** Counts from 0, the root. */
  readonly id: number;
  /** Undefined: it is the root. */
  readonly parent: number | undefined;
  readonly relation: "root" | "source" | "address" | "condition";
  readonly depth: number;
  /** The node that tells the same; what it was made of is told there. */
  readonly same: number | undefined;
  /** There may be more behind it, beyond what was asked for. */
  readonly isCut: boolean;
}

const DEFAULT_DEPTH = 12;
const DEFAULT_NODES = 100;

const TREE = exactly<{ readonly source: Source }>({ source: having("a Source, as whence returns", "sources", "row") });
const OPTIONS = exactly<TreeOptions>({
  depth: maybe(whole),
  nodes: maybe(whole),
  addresses: maybe(flag),
  conditions: maybe(flag),
});

/** Finds the nodes that are wanted, and answers all of them. Throws as `whence` does. */
export function treeRows(source: Source, options: TreeOptions = {}): readonly TreeRow[] {
  check("treeRows", TREE, { source });
  check("treeRows", OPTIONS, options);
  const root = grown(source, options);
  const rows: TreeRow[] = [];
  const ids = new Map<Source, number>();
  number(root, ids, { next: 0 });
  let next = 0;
  const tell = (node: Node, parent: number | undefined, depth: number): void => {
    const id = next;
    next += 1;
    const first = ids.get(node.source) ?? id;
    const isCut = node.state === "cut" && GOES_ON.has(node.source.kind);
    const same = node.state === "again" ? first : undefined;
    rows.push({ ...node.source.row, id, parent, relation: node.relation, depth, same, isCut });
    for (const child of node.children) tell(child, id, depth + 1);
  };
  tell(root, undefined, 0);
  return rows;
}

/** Kinds of nodes behind which there is more. */
const GOES_ON: ReadonlySet<string> = new Set(["instruction", "pieces", "copied", "loaded", "branch", "trap"]);

interface Node {
  readonly source: Source;
  readonly relation: TreeRow["relation"];
  readonly children: Node[];
  /** `again`: another node has the same source. `cut`: not looked behind. */
  state: "open" | "again" | "cut";
}

const nodeOf = (source: Source, relation: Node["relation"]): Node => ({
  ...{ source, relation, children: [], state: "cut" },
});

/** Level by level, so that a bound of nodes leaves out what is farthest from the root. */
function grown(source: Source, options: TreeOptions): Node {
  const { depth: most = DEFAULT_DEPTH, nodes = DEFAULT_NODES } = options;
  const root = nodeOf(source, "root");
  const seen = new Set<Source>();
  let level: readonly Node[] = [root];
  let count = 1;
  for (let depth = 0; depth < most && level.length > 0; depth += 1) {
    const following: Node[] = [];
    for (const node of level) {
      if (seen.has(node.source)) node.state = "again";
      else if (count < nodes) {
        seen.add(node.source);
        node.state = "open";
        node.children.push(...behind(node.source, options).slice(0, nodes - count));
        count += node.children.length;
        following.push(...node.children);
      }
    }
    level = following;
  }
  for (const node of level) if (seen.has(node.source)) node.state = "again";
  return root;
}

function behind(source: Source, { addresses = false, conditions = false }: TreeOptions): readonly Node[] {
  return [
    ...source.sources().map((one) => nodeOf(one, "source")),
    ...(addresses ? source.addresses().map((one) => nodeOf(one, "address")) : []),
    ...(conditions ? source.conditions().map((one) => nodeOf(one, "condition")) : []),
  ];
}

/** The numbers of the nodes behind which a tree goes on. */
function number(node: Node, ids: Map<Source, number>, counter: { next: number }): void {
  if (node.state === "open") ids.set(node.source, counter.next);
  counter.next += 1;
  for (const child of node.children) number(child, ids, counter);
}
