/** What can be wrong with a recording: each error names the damage, the place and what to do. */

export type LogErrorCode =
  /** The operating system refused to open or read the file. */
  | "CANNOT_READ"
  /** The operating system refused to create or write the file. */
  | "CANNOT_WRITE"
  /** The file to be written exists already. */
  | "RECORDING_EXISTS"
  /** The file does not begin as a recording. */
  | "NOT_A_RECORDING"
  /** Another foldvm, with another format, wrote it. */
  | "UNSUPPORTED_VERSION"
  /** The file ends within its first segment, so that the machine is unknown. */
  | "HEADER_INCOMPLETE"
  /** The machine configuration or the list of images is not what the format says. */
  | "INVALID_HEADER"
  /** A segment's own header is damaged. */
  | "DAMAGED_HEADER"
  /** A segment's contents are damaged, or bytes of them are missing. */
  | "DAMAGED_PAYLOAD"
  /** A segment does not follow the one before it: one was deleted, repeated, swapped or comes from elsewhere. */
  | "BROKEN_CHAIN"
  /** Positions go backwards, or skip. */
  | "OUT_OF_ORDER"
  /** A segment holds more or fewer events than its header says. */
  | "COUNT_MISMATCH"
  /** An event of a kind that this foldvm does not know. */
  | "UNKNOWN_EVENT"
  /** An event whose payload is not what its codec says. */
  | "INVALID_EVENT"
  /** An event to be appended is larger than the format allows. */
  | "EVENT_TOO_LARGE"
  /** The segments of a snapshot are not what the format says. */
  | "INVALID_SNAPSHOT"
  /** The segments of an image are not what the format says, or its bytes are others. */
  | "INVALID_IMAGE"
  /** A snapshot can't have this name. */
  | "INVALID_NAME"
  /** A snapshot was asked for that the recording does not have. */
  | "NO_SUCH_SNAPSHOT"
  /** Something was to be added to a recording that has no end. */
  | "NOT_CLOSED"
  /** The end segment does not fit the recording it ends. */
  | "INVALID_END"
  /** Bytes follow that are not the recording's. */
  | "TRAILING_DATA"
  /** Something was asked of a recording that was closed. */
  | "CLOSED";

/** Where the fault lies; a member is absent where it can't be known. */
export interface LogPlace {
  /** Absent for a recording in memory. */
  readonly file?: string;
  /** Index of the segment in the file; the header is segment 0. */
  readonly segment?: number;
  /** Byte offset of that segment in the file. */
  readonly offset?: number;
  /** The event. */
  readonly seq?: number;
  /** The member of the event or of the segment header. */
  readonly field?: string;
}

export class LogError extends Error {
  override readonly name = "LogError";
  readonly file?: string;
  readonly segment?: number;
  readonly offset?: number;
  readonly seq?: number;
  readonly field?: string;

  /** `what` names the fault and the remedy; the place is put in front of it. */
  constructor(
    readonly code: LogErrorCode,
    what: string,
    place: LogPlace = {},
    options?: ErrorOptions,
  ) {
    super(describePlace(place) + what, options);
    Object.assign(this, place);
  }
}

const describePlace = ({ file, segment, offset, seq, field }: LogPlace): string => {
  const parts = [
    ...(segment === undefined ? [] : [`segment ${String(segment)}`]),
    ...(offset === undefined ? [] : [`at byte ${String(offset)}`]),
    ...(seq === undefined ? [] : [`event ${String(seq)}`]),
    ...(field === undefined ? [] : [`field ${field}`]),
  ];
  return [...(file === undefined ? [] : [file]), ...(parts.length === 0 ? [] : [parts.join(", ")])]
    .map((part) => `${part}: `)
    .join("");
};
