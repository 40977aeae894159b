/** State indexes: the states of a recording that were kept on the way, for the next process. */
export { DEFAULT_INDEX_BYTES, MAX_INDEXED_STATES, StateIndexBuilder } from "./state-index-builder.js";
export { beginsAsIndex } from "./prologue.js";
export { openStateIndex, type IndexedState, type StateIndex } from "./state-index.js";
export { StateIndexError, type StateIndexErrorCode } from "./state-index-error.js";
