// Run by itself, a process that records until it is killed: argv is the file and how many events go into a segment.
import { fileURLToPath } from "node:url";

import type { GivenPositioned } from "../../../../src/reducers/stream-event.js";
import { fileSink } from "../../../../src/streams/host/file-sink.js";
import { openWriter } from "../../../../src/streams/store/log/index.js";
import { SAMPLE_HEADER } from "./sample-recordings.js";

/** What is recorded as event `seq`. */
export const eventAt = (seq: number): GivenPositioned => ({
  seq,
  icount: seq * 1000,
  event:
    seq % 2 === 0
      ? { type: "uart16550/byteReceived", byte: (seq * 31) & 0xff }
      : { type: "clock/warped", byNs: BigInt(seq) ** 3n },
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path, perSegment] = process.argv.slice(2) as [string, string];
  const writer = openWriter(fileSink(path), SAMPLE_HEADER);
  for (let seq = 1; ; seq++) {
    writer.append(eventAt(seq));
    if (seq % Number(perSegment) !== 0) continue;
    writer.flush();
    if (seq === Number(perSegment)) process.stdout.write("recording\n");
  }
}
