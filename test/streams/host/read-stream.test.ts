import { Readable } from "node:stream";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_STREAM_BYTES, readStream } from "../../../src/streams/host/read-stream.js";
import type { Input } from "../../../src/streams/host/stdio.js";
import { LogError } from "../../../src/streams/store/log/index.js";

const PART = new Uint8Array(1 << 20);

/** So many bytes, and then a broken pipe; all parts are one, so that it takes no memory. */
const broken = (bytes: number): Input => {
  function* parts(): Generator<Uint8Array> {
    for (let left = bytes; left > 0; left -= PART.length) yield PART.subarray(0, left);
    throw new Error("it broke");
  }
  return Readable.from(parts(), { objectMode: false });
};

const refusal = async (stream: Input): Promise<string> => {
  const fault: unknown = await readStream(stream, "standard input").catch((error: unknown) => error);
  assert.instance(fault, LogError);
  return (fault as LogError).message;
};

test("given a stream of as many bytes as are read, then it is read to its end; with one more, then it is refused, with what to do", async () => {
  assert.is(await refusal(broken(MAX_STREAM_BYTES)), "standard input can't be read: it broke");
  assert.is(
    await refusal(broken(MAX_STREAM_BYTES + 1)),
    "standard input can't be read: it has more than 1073741824 bytes; put it into a file",
  );
});

test("given a stream in parts, when it is read, then its bytes are in order", async () => {
  const stream = Readable.from([Buffer.from("ab"), Buffer.from("c")]) as unknown as Input;
  assert.equal(await readStream(stream, "standard input", 3), Uint8Array.from(Buffer.from("abc")));
});

test.run();
