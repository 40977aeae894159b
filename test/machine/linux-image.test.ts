import { test } from "uvu";
import * as assert from "uvu/assert";

import { packedKernel, readLinuxImageHeader } from "../../src/machine/linux-image.js";

// As arch/riscv/kernel/head.S lays it out: code0, code1, text_offset, image_size, flags, version, ..., magic, magic2.
const image = (): Uint8Array => {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(8, 0x20_0000n, true);
  view.setBigUint64(16, 0x1234_5000n, true);
  view.setUint32(32, 0x0000_0002, true);
  bytes.set(new TextEncoder().encode("RISCV\0\0\0RSC\x05"), 48);
  return bytes;
};

test("given a Linux Image, when its header is read, then it tells text_offset, image_size and version", () => {
  assert.equal(readLinuxImageHeader(image()), {
    textOffsetBytes: 0x20_0000n,
    imageBytes: 0x1234_5000n,
    version: [0, 2],
  });
});

test("given another raw binary or a short one, when a header is looked for, then there is none", () => {
  assert.is(readLinuxImageHeader(new Uint8Array(4096)), undefined);
  assert.is(readLinuxImageHeader(image().subarray(0, 63)), undefined);
});

for (const [packing, offset, magic, remedy] of [
  ["gzip", 0, [0x1f, 0x8b, 8, 0], /gunzip/],
  ["zstd", 0, [0x28, 0xb5, 0x2f, 0xfd], /zstd -d/],
  ["xz", 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], /unxz/],
  ["uImage", 0, [0x27, 0x05, 0x19, 0x56], /dumpimage/],
  ["EFI zboot", 4, [0x7a, 0x69, 0x6d, 0x67], /zboot/],
] as const) {
  test(`given a kernel packed as ${packing}, when it is looked at, then the remedy is named`, () => {
    const bytes = new Uint8Array(64);
    bytes.set(magic, offset);
    assert.match(packedKernel(bytes) ?? "", remedy);
  });
}

test("given a kernel that is not packed, when it is looked at, then nothing speaks against it", () => {
  assert.is(packedKernel(image()), undefined);
});

test.run();
