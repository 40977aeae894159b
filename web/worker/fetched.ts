/** Bytes of a source, wherever they are. */
import type { Bytes } from "../protocol.js";
import { unpacked } from "../packed.js";
import { PageError } from "./cancelled.js";

/** There are no bytes behind those that are known. */
const NO_MORE = 416;

/** `from`: those behind as many, of what grows. @throws {PageError} */
export async function fetched(bytes: Bytes, what: string, signal?: AbortSignal, from = 0): Promise<Uint8Array> {
  if (bytes instanceof Uint8Array) return bytes;
  if ("packed" in bytes) return unpackedFile(bytes.packed, what);
  try {
    const headers: Record<string, string> = from === 0 ? {} : { Range: `bytes=${String(from)}-` };
    const response = await fetch(bytes.url, { headers, ...(signal && { signal }) });
    if (response.status === NO_MORE) return new Uint8Array(0);
    if (response.ok && (from === 0 || response.status === 206)) return new Uint8Array(await response.arrayBuffer());
    throw new PageError(`${what} could not be fetched: the server answers ${String(response.status)}`);
  } catch (fault) {
    if (fault instanceof PageError || signal?.aborted === true) throw fault;
    throw new PageError(`${what} could not be fetched: the server is not there`);
  }
}

/** @throws {PageError} */
async function unpackedFile(packed: Blob, what: string): Promise<Uint8Array> {
  try {
    return await unpacked(packed);
  } catch {
    throw new PageError(`${what} is damaged in this page: take another copy of it`);
  }
}
