/** Saved states: a state as bytes, and back. */
export { describeState, encodeState, isSavedState, loadState, saveState } from "./saved-state.js";
export type { ExpectedMachine, SavedStateInfo } from "./saved-state.js";
export { StateError, type StateErrorCode, type StatePlace } from "./state-error.js";
