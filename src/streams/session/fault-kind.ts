/** What kinds of faults there are: a caller answers each in another way. */

export type Fault =
  /** An option or a position that can't be. */
  | "usage"
  /** The replay is not the run that was recorded. */
  | "divergence"
  /** A recording or a saved state is damaged, or of another version or machine, or none. */
  | "recording"
  /** A file that is to be read can't be, or is not the one that it should be. */
  | "file"
  /** The images can't start this machine. */
  | "boot"
  /** The recording, another file, the standard output, or the file or socket of a console, can't be written. */
  | "output"
  /** What a network card was to be plugged into is not there. */
  | "network"
  /** The host killed a process that works for this one, or does not start it. */
  | "process"
  /** None of these: a fault of foldvm itself. */
  | "internal";

/** An error that knows itself what kind of fault it is, wherever that arose. */
export abstract class FaultError extends Error {
  abstract readonly fault: Fault;
}
