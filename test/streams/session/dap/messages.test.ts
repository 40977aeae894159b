// Messages as bytes: in any pieces, and what can't be one.
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  MAX_HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  messageBytes,
  MessageReader,
} from "../../../../src/streams/session/dap/messages.js";

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (...parts: readonly Uint8Array[]): unknown[] => {
  const reader = new MessageReader();
  return parts.flatMap((part) => [...reader.read(part)]);
};

test("given messages in any pieces, then each comes once, whole", () => {
  const bytes = Buffer.concat([messageBytes({ seq: 1, text: "é" }), messageBytes({ seq: 2 })]);
  const wanted = [{ seq: 1, text: "é" }, { seq: 2 }];
  assert.equal(read(bytes), wanted);
  assert.equal(read(...Array.from(bytes, (byte) => Uint8Array.of(byte))), wanted);
});

test("given a header with more lines, then its length is found, in small letters too", () => {
  assert.equal(read(textBytes("Other: 1\r\ncontent-length:2\r\n\r\n{}")), [{}]);
});

test("given what can't be a message, then it says why", () => {
  const huge = `Content-Length: ${String(MAX_MESSAGE_BYTES + 1)}\r\n\r\n`;
  assert.throws(() => read(textBytes(huge)), /a message has at most 4194304 bytes, not 4194305/);
  assert.throws(() => read(textBytes("x".repeat(MAX_HEADER_BYTES + 1))), /a header has at most 4096 bytes/);
  assert.throws(() => read(textBytes("GET / HTTP/1.1\r\n\r\n")), /begins with Content-Length/);
  assert.throws(() => read(textBytes("Content-Length: -1\r\n\r\n")), /begins with Content-Length/);
  assert.throws(() => read(textBytes("Content-Length: 3\r\n\r\n{{{")), /a message is JSON/);
});

test.run();
