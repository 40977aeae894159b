// Circles among what lies side by side in a folder: a folder, with all below it, counts as one thing. Two that need
// each other can't be understood one after the other, even where no two of their files do.

/** `[from, to]`: paths with slashes. Returns each circle as the names around it, the first one again at the end. */
export const folderCircles = (imports: readonly (readonly [from: string, to: string])[]): readonly string[][] => {
  const levels = new Map<string, Map<string, Set<string>>>();
  for (const [from, to] of imports) {
    const edge = firstDifference(from.split("/"), to.split("/"));
    if (edge === undefined) continue;
    const level = levels.get(edge.folder) ?? new Map<string, Set<string>>();
    levels.set(edge.folder, level);
    level.set(edge.from, (level.get(edge.from) ?? new Set()).add(edge.to));
  }
  return [...levels.values()].flatMap((level) => circlesOf(level));
};

const firstDifference = (
  from: readonly string[],
  to: readonly string[],
): { folder: string; from: string; to: string } | undefined => {
  const depth = from.findIndex((part, index) => part !== to[index]);
  if (depth < 0) return undefined;
  const upTo = (path: readonly string[], length: number): string => path.slice(0, length).join("/");
  return { folder: upTo(from, depth), from: upTo(from, depth + 1), to: upTo(to, depth + 1) };
};

/** One circle for each pair that closes it, found depth first. */
const circlesOf = (edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] => {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) circles.push([...path.slice(at), node]);
    if (at >= 0 || done.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return circles;
};
