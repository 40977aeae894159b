import { test } from "uvu";
import * as assert from "uvu/assert";

import { ByteWriter } from "../../src/machine/byte-writer.js";

const written = (write: (out: ByteWriter) => void): number[] => {
  const out = new ByteWriter(1);
  write(out);
  return [...out.view()];
};

test("given an integer that each of the three can write, when written, then the bytes are the same, and each has one encoding", () => {
  for (const value of [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    const bytes = written((out) => out.unsignedBig(BigInt(value)));
    assert.equal(
      written((out) => out.unsigned(value)),
      bytes,
    );
    assert.equal(
      written((out) => out.unsignedSafe(value)),
      bytes,
    );
    assert.is(
      bytes.reduceRight((sum, byte) => sum * 128 + (byte & 0x7f), 0),
      value,
    );
  }
});

test("given integers beyond 32 bits, up to 2^53 - 1 and 2^64 - 1, when written, then seven bits a byte", () => {
  const read = (bytes: readonly number[]): bigint =>
    bytes.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  for (const value of [2 ** 32, 2 ** 35 + 1, Number.MAX_SAFE_INTEGER]) {
    const bytes = written((out) => out.unsignedSafe(value));
    assert.is(read(bytes), BigInt(value));
    assert.equal(
      written((out) => out.unsignedBig(BigInt(value))),
      bytes,
    );
  }
  const longest = written((out) => out.unsignedBig((1n << 64n) - 1n));
  assert.equal([longest.length, read(longest)], [10, (1n << 64n) - 1n]);
});

test("given a writer that was cleared, when written to, then it begins anew", () => {
  assert.equal(
    written((out) => {
      out.append(Uint8Array.of(1, 2, 3));
      out.clear();
      out.byte(4);
    }),
    [4],
  );
});

test.run();
