/** Reads a whole stream into memory. */
import { LogError } from "../store/log/log-error.js";
import type { Input } from "./stdio.js";

/** Larger than any recording that carries no disks. */
export const MAX_STREAM_BYTES = 1 << 30;

/** `name` is for messages. @throws {LogError} CANNOT_READ if the stream fails or is longer than `maxBytes`. */
export async function readStream(stream: Input, name: string, maxBytes = MAX_STREAM_BYTES): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array | string>) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      length += bytes.length;
      if (length > maxBytes) throw new Error(`it has more than ${String(maxBytes)} bytes; put it into a file`);
      chunks.push(bytes);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LogError("CANNOT_READ", `${name} can't be read: ${why}`, {}, { cause });
  }
  return Uint8Array.from(Buffer.concat(chunks));
}
