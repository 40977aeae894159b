/** Bytes of base64, as a page from disk has them. Each letter is looked up: `atob` would make a string of them first. */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CODES = Uint8Array.from({ length: 256 }, (_, code) => Math.max(0, LETTERS.indexOf(String.fromCharCode(code))));
const PADDING = "=".charCodeAt(0);

/** Of ASCII letters. What is no letter counts as the first one: whoever packed the bytes finds them damaged. */
export function bytesOfBase64(letters: Uint8Array): Uint8Array<ArrayBuffer> {
  let { length } = letters;
  while (letters[length - 1] === PADDING) length -= 1;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  const codeAt = (at: number): number => CODES[letters[at] ?? PADDING] ?? 0;
  for (let from = 0, to = 0; to < bytes.length; from += 4, to += 3) {
    const bits = (codeAt(from) << 18) | (codeAt(from + 1) << 12) | (codeAt(from + 2) << 6) | codeAt(from + 3);
    // Behind the end nothing is written.
    bytes[to] = bits >> 16;
    bytes[to + 1] = bits >> 8;
    bytes[to + 2] = bits;
  }
  return bytes;
}
