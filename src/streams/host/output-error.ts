/** A standard stream can't be written. A reader that closes it, as `head` does, is not an error. */

export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly code = "OUTPUT_UNWRITABLE";
}

/** `stream` is its name for users. Returns undefined if the reader has closed it. */
export function outputError(stream: string, cause: unknown): OutputError | undefined {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  if (READER_GONE.has(code)) return undefined;
  return new OutputError(`${stream} can't be written: ${message}; make room, or send it elsewhere`, { cause });
}

const READER_GONE = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);
