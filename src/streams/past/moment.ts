/** An instant of a recording that can be asked: as cheap as its position until something of it is. */
import type { MachineState } from "../../machine/state.js";
import type { PlainPosition } from "../../reducers/position.js";
import { MomentView } from "./moment-view.js";
import type { Recording } from "./recording.js";
import type { Until } from "./until.js";

export class Moment extends MomentView {
  private known: MachineState | undefined;

  /** Nothing runs yet. */
  constructor(
    readonly recording: Recording,
    private readonly where: Until | undefined,
  ) {
    super();
  }

  /** Of a state that is there. */
  static of(recording: Recording, state: MachineState): Moment {
    const moment = new Moment(recording, state.position);
    moment.known = state;
    return moment;
  }

  /** @throws {Divergence} @throws {PositionError} @throws {ImageError} as a replay does, when it is first asked for */
  get state(): MachineState {
    return (this.known ??= this.recording.at(this.where));
  }

  /** The same, a stretch at a time: the host can have its turns meanwhile. */
  *stepsToState(): Generator<PlainPosition, MachineState> {
    return (this.known ??= yield* this.recording.stepsTo(this.where));
  }

  protected get at(): MachineState {
    return this.state;
  }
}
