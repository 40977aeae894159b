/** The errors of recordings. Each names the damage, the place and the remedy. */

export type LogErrorCode =
  /** The operating system refused to open or read the file. */
  | "CANNOT_READ"
  /** The operating system refused to create or write the file. */
  | "CANNOT_WRITE"
  /** The file to be written already exists. */
  | "RECORDING_EXISTS"
  /** The file does not begin with a recording's magic number. */
  | "NOT_A_RECORDING"
  /** A foldvm with another format wrote it. */
  | "UNSUPPORTED_VERSION"
  /** The file ends within its first segment, so that the machine is unknown. */
  | "HEADER_INCOMPLETE"
  /** The machine configuration or the list of images does not follow the format. */
  | "INVALID_HEADER"
  /** A segment's own header is damaged. */
  | "DAMAGED_HEADER"
  /** A segment's contents are damaged, or bytes of them are missing. */
  | "DAMAGED_PAYLOAD"
  /** A segment does not follow the previous one: a segment was deleted, repeated, swapped or copied from elsewhere. */
  | "BROKEN_CHAIN"
  /** Positions go backwards, or skip. */
  | "OUT_OF_ORDER"
  /** A segment holds more or fewer events than its header says. */
  | "COUNT_MISMATCH"
  /** This foldvm does not know the event's kind. */
  | "UNKNOWN_EVENT"
  /** An event's payload does not follow its codec. */
  | "INVALID_EVENT"
  /** An event to be appended is larger than the format allows. */
  | "EVENT_TOO_LARGE"
  /** The segments of a snapshot do not follow the format. */
  | "INVALID_SNAPSHOT"
  /** The segments of an image do not follow the format, or its bytes do not match its digest. */
  | "INVALID_IMAGE"
  /** A snapshot can't have this name. */
  | "INVALID_NAME"
  /** The recording does not have the requested snapshot. */
  | "NO_SUCH_SNAPSHOT"
  /** Something was to be added to a recording without an end. */
  | "NOT_CLOSED"
  /** The end segment does not match the recording before it. */
  | "INVALID_END"
  /** Bytes follow that do not belong to the recording. */
  | "TRAILING_DATA"
  /** The recording was closed before it was used. */
  | "CLOSED";

/** Where the fault is. Unknown members are absent. */
export interface LogPlace {
  /** Absent if the recording is in memory. */
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

  /** `what` names the fault and the remedy. The message puts the place before it. */
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
