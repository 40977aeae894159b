/** Bytes of a source, wherever they are. */
import type { Bytes } from "../protocol.js";
import { PageError } from "./cancelled.js";

/** @throws {PageError} */
export async function fetched(bytes: Bytes, what: string, signal?: AbortSignal): Promise<Uint8Array> {
  if (bytes instanceof Uint8Array) return bytes;
  if ("deflated" in bytes) return inflated(bytes.deflated, what);
  try {
    const response = await fetch(bytes.url, { ...(signal && { signal }) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new PageError(`${what} could not be fetched: the server answers ${String(response.status)}`);
  } catch (fault) {
    if (fault instanceof PageError || signal?.aborted === true) throw fault;
    throw new PageError(`${what} could not be fetched: the server is not there`);
  }
}

/** @throws {PageError} */
async function inflated(deflated: Uint8Array, what: string): Promise<Uint8Array> {
  const whole = new Blob([Uint8Array.from(deflated)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  try {
    return new Uint8Array(await new Response(whole).arrayBuffer());
  } catch {
    throw new PageError(`${what} is damaged in this page: take another copy of it`);
  }
}
