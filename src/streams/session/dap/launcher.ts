/** How a machine is begun that records: the command line's part, since it has all options of a machine. */
import type { Effect } from "../../../reducers/effect.js";
import type { MonitorTarget } from "../target/target.js";

/** What a client gave, unlooked at. */
export type Given = Readonly<Record<string, unknown>>;

export interface LaunchedMachine {
  readonly target: MonitorTarget;
  /** The recording that it makes. */
  readonly output: string;
  /** When the run is over; fails as it does. */
  readonly ended: Promise<void>;
  /** Ends it. */
  end(): Promise<void>;
}

/** What is said meanwhile is for the client. */
export interface LaunchHearing {
  readonly heard: (effect: Effect, icount: number) => void;
  readonly said: (text: string) => void;
}

/** It stands at its start. @throws for arguments that are wrong, with what is wrong with them */
export type Launcher = (given: Given, hearing: LaunchHearing) => Promise<LaunchedMachine>;
