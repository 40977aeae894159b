/** Where a command writes a recording: a file, or standard output. */
import { writeRecording } from "../streams/host/file-sink.js";
import type { Stdio } from "../streams/host/stdio.js";
import { streamSink } from "../streams/host/stream-sink.js";
import type { LogSink } from "../streams/store/log/index.js";
import { measured } from "../streams/store/measured-sink.js";
import { STANDARD_STREAM } from "./standard-stream.js";

/** Answers how many bytes it has. A file is there once all of it is. */
export async function writeInto(
  output: string,
  { stdout }: Stdio,
  overwrite: boolean,
  write: (sink: LogSink) => void | Promise<void>,
): Promise<number> {
  if (output === STANDARD_STREAM) {
    const piped = streamSink(stdout, "standard output");
    const sink = measured(piped);
    await write(sink);
    await piped.drained();
    return sink.byteCount;
  }
  let byteCount = 0;
  await writeRecording(output, overwrite, async (file) => {
    const sink = measured(file);
    await write(sink);
    byteCount = sink.byteCount;
  });
  return byteCount;
}
