/** Finds a text in bytes, wherever the pieces in which they come are cut. */

/** By Knuth, Morris and Pratt: no byte is looked at twice, and none is kept. */
export class TextSearch {
  private readonly wanted: Uint8Array;
  /** By how many bytes matched, less one: how many match still where the next does not. */
  private readonly shorter: Uint32Array;
  private matched = 0;

  /** It is found as its UTF-8 bytes; an empty one is found at once. */
  constructor(text: string) {
    this.wanted = new TextEncoder().encode(text);
    this.shorter = new Uint32Array(this.wanted.length);
    for (let index = 1; index < this.wanted.length; index += 1) {
      this.match(this.wanted[index] ?? 0);
      this.shorter[index] = this.matched;
    }
    this.matched = 0;
  }

  /** How many of the bytes complete it; undefined: it is not complete yet. After that it is looked for anew. */
  endIn(bytes: Uint8Array): number | undefined {
    if (this.wanted.length === 0) return 0;
    for (const [index, byte] of bytes.entries()) {
      this.match(byte);
      if (this.matched < this.wanted.length) continue;
      this.matched = 0;
      return index + 1;
    }
    return undefined;
  }

  private match(byte: number): void {
    const { wanted, shorter } = this;
    while (this.matched > 0 && wanted[this.matched] !== byte) this.matched = shorter[this.matched - 1] ?? 0;
    if (wanted[this.matched] === byte) this.matched += 1;
  }
}
