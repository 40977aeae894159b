/** A standard stream can't be written. That its reader went away, as `head` does, is no such fault. */

export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly code = "OUTPUT_UNWRITABLE";
}

/** `stream`: its name for people. Undefined: its reader is gone. */
export function outputError(stream: string, cause: unknown): OutputError | undefined {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  if (READER_GONE.has(code)) return undefined;
  return new OutputError(`${stream} can't be written: ${message}; make room, or send it elsewhere`, { cause });
}

const READER_GONE = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);
