/** Writes to a stream no faster than it is read. */
import type { Output } from "./stdio.js";

const PIECE_CHARACTERS = 1 << 15;

/** Answers false when the reader went away before the end, as `head` does; that is no fault. */
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
    // The event of a failed write comes after its callback.
    setImmediate(() => stream.off("error", ignore));
  }
}

const writePiece = (stream: Output, piece: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    stream.write(piece, (fault?: (Error & { code?: string }) | null) => {
      if (fault === undefined || fault === null) resolve(true);
      else if (READER_GONE.has(fault.code ?? "")) resolve(false);
      else reject(fault);
    });
  });

const READER_GONE = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);
