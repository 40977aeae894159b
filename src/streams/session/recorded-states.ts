/** States on the way of a run that is recorded, for the index of its recording. */
import type { MachineState } from "../../machine/state.js";
import { StateIndexBuilder } from "../store/state-index/index.js";
import type { StateKeeper } from "../store/state-keeper.js";
import { openRecording } from "./open-recording.js";

export interface WrittenStates {
  readonly path: string;
  readonly states: number;
  readonly bytes: number;
}

export class RecordedStates {
  private builder: StateIndexBuilder | undefined;

  /** What `runSession` gives them to. */
  readonly keeperFrom = (start: MachineState): StateKeeper => (this.builder = new StateIndexBuilder(start));

  /** Once the recording at `path` is closed. @throws {LogError} CANNOT_WRITE: the recording is whole none the less. */
  write(path: string): WrittenStates {
    const { builder } = this;
    if (builder === undefined) throw new Error("nothing was recorded");
    const recording = openRecording(path);
    try {
      const { path: file, byteLength } = recording.index.write(builder);
      return { path: file, states: builder.stateCount, bytes: byteLength };
    } finally {
      recording.close();
    }
  }
}
