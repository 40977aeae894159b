/** What was put into the page itself: compressed, as base64, each in an element that is no script of the page's. */

/** Of an element's content. Undefined: there is no such element. */
export function embedded(id: string): Uint8Array<ArrayBuffer> | undefined {
  const text = document.getElementById(id)?.textContent;
  return text === undefined || text === null ? undefined : bytesOfBase64(text.trim());
}

/** As text, where it is no more than a description. */
export const embeddedText = (id: string): string | undefined => document.getElementById(id)?.textContent ?? undefined;

export const inflated = (deflated: Uint8Array<ArrayBuffer>): Promise<Blob> =>
  new Response(new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).blob();

/** A string of a whole image would take several times its bytes: some at a time. Four letters are three bytes. */
const LETTERS_AT_ONCE = 1 << 20;

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let from = 0; from < text.length; from += LETTERS_AT_ONCE) {
    const some = atob(text.slice(from, from + LETTERS_AT_ONCE));
    for (let index = 0; index < some.length; index += 1) bytes[at + index] = some.charCodeAt(index);
    at += some.length;
  }
  return bytes;
}
