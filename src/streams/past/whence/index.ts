/** Where a value came from. */
export { treeLines } from "./print.js";
export { Source, type SourceKind, type SourceRow, type SourceWays } from "./source.js";
export { treeRows, type TreeOptions, type TreeRow } from "./tree.js";
export { whence, type WhenceOptions } from "./whence.js";
