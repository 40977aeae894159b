import { Writable } from "node:stream";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { stdioOutput } from "../../../../src/streams/host/terminal/stdio-output.js";

test("given a guest that prints byte by byte, when a turn ends, then there was one write of all bytes", async () => {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(chunk);
      done();
    },
  });
  const output = stdioOutput(stream);
  for (let byte = 0; byte < 256; byte++) output.write(Uint8Array.of(byte));
  assert.is(pieces.length, 0);
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(pieces.length, 1);
  assert.equal(
    Array.from(pieces[0]!),
    Array.from({ length: 256 }, (_, index) => index),
  );
});

test("given more than a piece, when written at once, then all of it comes in order", async () => {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(chunk);
      setImmediate(done);
    },
  });
  const output = stdioOutput(stream);
  const bytes = Uint8Array.from({ length: 200_001 }, (_, index) => (index * 7) & 0xff);
  output.write(bytes.subarray(0, 3));
  output.write(bytes.subarray(3));
  await output.end();
  assert.ok(Buffer.concat(pieces).equals(bytes));
});

test("given a reader that is gone, when written to, then it is told once and nothing is thrown", async () => {
  let closed = 0;
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("gone"), { code: "EPIPE" }));
    },
  });
  const output = stdioOutput(stream, () => closed++);
  output.write(Uint8Array.of(1));
  output.flush();
  await new Promise((resolve) => setImmediate(resolve));
  output.write(Uint8Array.of(2));
  await output.end();
  assert.is(closed, 1);
});

test("given a line that was begun, when another is to write, then it is written whole first, unless that ended it", () => {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const output = stdioOutput(stream);
  output.startLine();
  assert.is(text, "");
  output.write(Buffer.from("demo> "));
  output.lineEnded();
  assert.ok(output.isMidLine, "what is collected comes later");
  output.startLine();
  output.startLine();
  assert.is(text, "demo> \n");
  output.write(Buffer.from("more"));
  output.flush();
  output.lineEnded();
  output.startLine();
  output.write(Buffer.from("whole\n"));
  output.startLine();
  assert.is(text, "demo> \nmorewhole\n");
});

test.run();
