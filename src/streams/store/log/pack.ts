/** Copies a recording and adds images to it. Everything else stays the same. */
import type { ImageContents } from "../image-contents.js";
import { writeImage } from "./image-segments.js";
import type { LogSink } from "./log-sink.js";
import type { Log } from "./reader.js";
import { SegmentChain } from "./segment-chain.js";
import { isImageKind } from "./segment.js";
import { IMAGES_VERSION } from "./upcast.js";

/**
 * Copies a log segment by segment, in constant memory. The copy carries `images`, each once. The header must name all
 * of them. A truncated recording stays truncated. Throws what reading and writing throw. The sink is always closed.
 */
export function packLog(log: Log, images: readonly ImageContents[], sink: LogSink): void {
  const chain = new SegmentChain(sink, IMAGES_VERSION);
  const different = [...new Map(images.map((image) => [image.sha256, image])).values()];
  try {
    for (const { header, raw } of log.segments()) {
      const { kind, firstSeq, firstIcount, count, version } = header;
      // That of a branch is later.
      if (kind === "header") chain.requireVersion(version);
      if (!isImageKind(kind)) chain.write({ kind, firstSeq, firstIcount, count }, raw());
      if (kind === "header") for (const image of different) writeImage(chain, { firstSeq, firstIcount }, image);
    }
  } finally {
    chain.close();
  }
}
