/** QEMU's framing of Ethernet on a byte stream (-netdev stream, socket): a 4-byte big-endian length, then the frame. */
import { MAX_FRAME_BYTES } from "../../../reducers/virtio/net.js";

const LENGTH_BYTES = 4;

export const framed = (frame: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(LENGTH_BYTES + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length);
  bytes.set(frame, LENGTH_BYTES);
  return bytes;
};

/** The peer does not speak this protocol. */
export class FramingError extends Error {
  override readonly name = "FramingError";
}

/** Takes pieces of a stream, of any size, and returns whole frames. */
export class Deframer {
  private rest: Uint8Array = new Uint8Array(0);

  /** @throws {FramingError} */
  take(piece: Uint8Array): Uint8Array[] {
    const bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const frames: Uint8Array[] = [];
    let at = 0;
    while (at + LENGTH_BYTES <= bytes.length) {
      const length = view.getUint32(at);
      if (length > MAX_FRAME_BYTES) throw new FramingError(`a frame of ${String(length)} bytes`);
      if (at + LENGTH_BYTES + length > bytes.length) break;
      if (length > 0) frames.push(new Uint8Array(bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length)));
      at += LENGTH_BYTES + length;
    }
    this.rest = bytes.slice(at);
    return frames;
  }
}
