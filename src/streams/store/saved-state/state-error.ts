/** What can be wrong with a saved state: each error names the damage, the place and what to do. */

export type StateErrorCode =
  /** The bytes do not begin as a saved state. */
  | "NOT_A_STATE"
  /** Another foldvm, with another format, saved it. */
  | "UNSUPPORTED_VERSION"
  /** Bytes were changed. */
  | "DAMAGED"
  /** Bytes are missing at the end, or a section is. */
  | "INCOMPLETE"
  /** Bytes or sections that do not belong to it. */
  | "UNEXPECTED"
  /** A section's content is not what its codec says, or the sections do not fit together. */
  | "INVALID"
  /** It is a state of another machine: of another configuration, or started from other images. */
  | "WRONG_MACHINE";

export interface StatePlace {
  /** Absent for a state in memory. */
  readonly file?: string;
  readonly section?: string;
  /** Byte offset in the saved state. */
  readonly offset?: number;
  readonly field?: string;
}

export class StateError extends Error {
  override readonly name = "StateError";
  readonly file?: string;
  readonly section?: string;
  readonly offset?: number;
  readonly field?: string;

  constructor(
    readonly code: StateErrorCode,
    readonly what: string,
    readonly place: StatePlace = {},
  ) {
    const file = place.file === undefined ? "" : ` ${place.file}`;
    super(`the saved state${file} can't be loaded: ${describePlace(place)}${what}`);
    Object.assign(this, place);
  }
}

const describePlace = ({ section, offset, field }: StatePlace): string => {
  const parts = [
    ...(section === undefined ? [] : [`section ${section}`]),
    ...(offset === undefined ? [] : [`at byte ${String(offset)}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
  ];
  return parts.length === 0 ? "" : `${parts.join(", ")}: `;
};
