/** A route of the server: one table of them answers requests and describes the API. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Recording } from "../past/recording.js";
import type { LiveMachine } from "./live/live-machine.js";
import type { Given, Parameters } from "./parameters.js";
import type { Slots } from "./slots.js";
import type { Watch } from "./watch.js";

export interface Route {
  /** With names in braces, as OpenAPI writes it: `/recordings/{name}/events`. */
  readonly path: string;
  /** What it answers, in a sentence. */
  readonly summary: string;
  readonly parameters: Parameters;
  /** What an answer's body is: by its media type, a JSON Schema; of rows, that of each line. */
  readonly answers: Readonly<Record<string, object>>;
  /** Statuses beside 200. */
  readonly statuses?: Readonly<Record<number, string>>;
  readonly serve: (call: Call) => Promise<void> | void;
}

/** A request on its way to an answer. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The parts of the path that have a name. */
  readonly part: (name: string) => string;
  readonly given: Given;
  /** Aborted where nobody reads any more, or the server ends. */
  readonly signal: AbortSignal;
  readonly served: Served;
}

/** What a server has. */
export interface Served {
  readonly recordings: RecordingsServed;
  /** A machine that runs; undefined: there is none. */
  readonly live: LiveMachine | undefined;
  /** For what replays. */
  readonly slots: Slots;
  /** Of a question, until the signal or the end of its time. */
  readonly watch: (signal: AbortSignal) => Watch;
  readonly routes: readonly Route[];
  /** Its version, as the API's. */
  readonly version: string;
}

export interface RecordingsServed {
  names(): readonly string[];
  /** Undefined: there is none of that name. One that is still made is as it is now, until `signal` is aborted. */
  get(name: string, signal: AbortSignal): Recording | undefined;
}
