/** Where a value came from. */
export { Source, type SourceKind, type SourceRow, type SourceWays } from "./source.js";
export { treeLines, treeRows, type GrowOptions, type SourceTree, type TreeOptions } from "./tree.js";
export type { TreeRow } from "./tree-row.js";
export { sourceTree, whence, type WhenceOptions } from "./whence.js";
