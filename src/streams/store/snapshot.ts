/** A state with a name, as a recording holds it. */
import { hashOfState } from "../../machine/state-hash.js";
import type { MachineState } from "../../machine/state.js";
import type { ImageDigest, Snapshot } from "./log/index.js";
import { saveState } from "./saved-state/index.js";

/** The name of the snapshot that a recording begins with. */
export const START = "start";

export const snapshotOf = (name: string, state: MachineState, images: readonly ImageDigest[]): Snapshot => ({
  name,
  ...state.position,
  hash: hashOfState(state),
  bytes: saveState(state, images),
});
