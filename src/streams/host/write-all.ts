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

/** The same of bytes, which may come by and by. Returns how many there were. @throws {OutputError} */
export async function writeAllBytes(
  stream: Output,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  let byteLength = 0;
  const ignore = (): void => undefined;
  stream.on("error", ignore);
  try {
    for await (const piece of pieces) {
      if (!(await writePiece(stream, piece))) break;
      byteLength += piece.length;
    }
    return byteLength;
  } finally {
    setImmediate(() => stream.off("error", ignore));
  }
}

/**
 * The same of parts that come by and by: what comes in one turn of the host's is written together, and nothing waits
 * for what comes later. `textOf`: undefined: it, and what comes behind it, is not wanted.
 */
export async function writeComing<Part>(
  stream: Output,
  parts: AsyncIterable<Part>,
  textOf: (part: Part) => string | undefined,
): Promise<boolean> {
  const pieces = new Pieces(stream);
  const ignore = (): void => undefined;
  stream.on("error", ignore);
  try {
    for await (const part of parts) {
      const text = textOf(part);
      if (text === undefined) break;
      if (pieces.add(text) && !(await pieces.flush())) return false;
    }
    return await pieces.flush();
  } finally {
    setImmediate(() => stream.off("error", ignore));
  }
}

class Pieces {
  private piece = "";
  private isDue = false;
  /** The last write. False: nobody reads any more. */
  private written: Promise<boolean> = Promise.resolve(true);
  private isUnderWay = false;
  private isOver = false;

  constructor(private readonly stream: Output) {}

  /** Whether it is to be flushed before more is added. */
  add(part: string): boolean {
    this.piece += part;
    if (this.isOver || this.piece.length >= PIECE_CHARACTERS) return true;
    if (!this.isDue) {
      this.isDue = true;
      setImmediate(() => {
        this.isDue = false;
        this.begin();
      });
    }
    return false;
  }

  /** Returns false where nobody reads any more. @throws {OutputError} */
  async flush(): Promise<boolean> {
    for (;;) {
      this.begin();
      const isRead = await this.written;
      if (!isRead || (!this.isUnderWay && this.piece === "")) return isRead;
    }
  }

  /** One at a time; what comes meanwhile goes with the next. */
  private begin(): void {
    if (this.isUnderWay || this.piece === "" || this.isOver) return;
    const { piece } = this;
    this.piece = "";
    this.isUnderWay = true;
    this.written = writePiece(this.stream, piece);
    const after = (isRead: boolean): void => {
      this.isUnderWay = false;
      this.isOver ||= !isRead;
      this.begin();
    };
    this.written.then(after, () => {
      after(false);
    });
  }
}

const writePiece = (stream: Output, piece: string | Uint8Array): Promise<boolean> =>
  new Promise((resolve, reject) => {
    stream.write(piece, (cause?: Error | null) => {
      const fault = cause ? outputError("standard output", cause) : undefined;
      if (fault === undefined) resolve(!cause);
      else reject(fault);
    });
  });
