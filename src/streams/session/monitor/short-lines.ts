/**
 * Lines that somebody sends: of one that is longer than a line may be, its beginning is passed on, and the rest is
 * dropped.
 */
import { Transform, type TransformCallback } from "node:stream";

/** More than a thousand tokens take. A peer that never ends its line must not fill the memory. */
export const MAX_LINE_BYTES = 1 << 16;

const LINE_FEED = 0x0a;

/**
 * A line of more than `MAX_LINE_BYTES` comes out with one byte more than that, so that its reader sees that it is too
 * long.
 */
export class ShortLines extends Transform {
  private lineBytes = 0;

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(LINE_FEED, at);
      const until = end < 0 ? bytes.length : end;
      const passed = bytes.subarray(at, Math.min(until, at + MAX_LINE_BYTES + 1 - this.lineBytes));
      this.lineBytes += passed.length;
      if (passed.length > 0) this.push(passed);
      if (end >= 0) {
        this.push("\n");
        this.lineBytes = 0;
      }
      at = until + 1;
    }
    done();
  }
}
