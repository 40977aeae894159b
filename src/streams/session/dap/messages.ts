/** Messages of the Debug Adapter Protocol as bytes (its specification, "Base protocol"): a header, then JSON. */

/** A request names a thousand breakpoints at most, or carries memory that is written. */
export const MAX_MESSAGE_BYTES = 1 << 22;
/** A header is one line, and mostly no other. */
export const MAX_HEADER_BYTES = 1 << 12;

/** Nothing that follows can be understood any more. */
export class MessageError extends Error {
  override readonly name = "MessageError";
}

/** Takes the bytes of a client as they come, and gives each message once it is whole. */
export class MessageReader {
  private waiting = Buffer.alloc(0);
  private contentBytes: number | undefined;

  /** @throws {MessageError} */
  *read(bytes: Uint8Array): Generator<unknown, void> {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    for (;;) {
      const bytesOfContent = (this.contentBytes ??= this.header());
      if (bytesOfContent === undefined || this.waiting.length < bytesOfContent) return;
      const content = this.waiting.subarray(0, bytesOfContent).toString("utf8");
      this.waiting = this.waiting.subarray(bytesOfContent);
      this.contentBytes = undefined;
      yield jsonOf(content);
    }
  }

  /** How many bytes follow it; undefined: it is not all there. */
  private header(): number | undefined {
    const end = this.waiting.indexOf("\r\n\r\n");
    if (end > MAX_HEADER_BYTES || (end < 0 && this.waiting.length > MAX_HEADER_BYTES)) {
      throw new MessageError(`a header has at most ${String(MAX_HEADER_BYTES)} bytes`);
    }
    if (end < 0) return undefined;
    const header = this.waiting.subarray(0, end).toString("latin1");
    const [, digits] = /^content-length: *(\d+) *$/im.exec(header) ?? [];
    if (digits === undefined) throw new MessageError("a message begins with Content-Length: BYTES and an empty line");
    const bytes = Number(digits);
    if (bytes > MAX_MESSAGE_BYTES) {
      throw new MessageError(`a message has at most ${String(MAX_MESSAGE_BYTES)} bytes, not ${digits}`);
    }
    this.waiting = this.waiting.subarray(end + 4);
    return bytes;
  }
}

export function messageBytes(message: object): Uint8Array {
  const json = Buffer.from(JSON.stringify(message), "utf8");
  return Buffer.concat([Buffer.from(`Content-Length: ${String(json.length)}\r\n\r\n`, "latin1"), json]);
}

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (fault) {
    throw new MessageError(`a message is JSON: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}
