/** Files as a page from disk has them: compressed (DEFLATE), as base64. */
import { bytesOfBase64 } from "./base64.js";

/** Rejects where they are damaged. */
export async function unpacked(packed: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const deflated = bytesOfBase64(new Uint8Array(await packed.arrayBuffer()));
  const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}
