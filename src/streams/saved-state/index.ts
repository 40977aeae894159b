/** Saved states: a state as bytes, and back. */
export { loadState, saveState, type ExpectedMachine } from "./saved-state.js";
export { StateError, type StateErrorCode, type StatePlace } from "./state-error.js";
