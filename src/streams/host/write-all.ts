/** Writes to standard output no faster than it is read. */
import { outputError } from "./output-error.js";
import type { Output } from "./stdio.js";

const PIECE_CHARACTERS = 1 << 15;

/** Returns false if the reader closes it before the end, as `head` does. @throws {OutputError} */
export async function writeAll(stream: Output, parts: Iterable<string>): Promise<boolean> {
  let piece = "";
  const ignore = (): void => undefined;
  stream.on("error", ignore);
  try {
    for (const part of parts) {
      piece += part;
      if (piece.length < PIECE_CHARACTERS) continue;
      if (!(await writePiece(stream, piece))) return false;
      piece = "";
    }
    return await writePiece(stream, piece);
  } finally {
    // The error event of a failed write comes after its callback.
    setImmediate(() => stream.off("error", ignore));
  }
}

const writePiece = (stream: Output, piece: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    stream.write(piece, (cause?: Error | null) => {
      const fault = cause ? outputError("standard output", cause) : undefined;
      if (fault === undefined) resolve(!cause);
      else reject(fault);
    });
  });
