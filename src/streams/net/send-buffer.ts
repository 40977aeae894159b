/** Bytes that were given to be sent and are not yet acknowledged. */
export class SendBuffer {
  private chunks: Uint8Array[] = [];
  private first = 0;
  length = 0;

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.chunks.push(bytes);
    this.length += bytes.length;
  }

  /** A copy. */
  slice(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(length, this.length - offset));
    let skipped = this.first + offset;
    let filled = 0;
    for (const chunk of this.chunks) {
      if (filled === bytes.length) break;
      if (skipped < chunk.length) {
        const part = chunk.subarray(skipped, skipped + bytes.length - filled);
        bytes.set(part, filled);
        filled += part.length;
      }
      skipped = Math.max(0, skipped - chunk.length);
    }
    return bytes;
  }

  drop(length: number): void {
    this.length -= length;
    this.first += length;
    let whole = 0;
    for (let [chunk] = this.chunks; chunk !== undefined && this.first >= chunk.length; chunk = this.chunks[whole]) {
      this.first -= chunk.length;
      whole += 1;
    }
    this.chunks = this.chunks.slice(whole);
  }
}
