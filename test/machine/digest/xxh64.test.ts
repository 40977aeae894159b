/** XXH64 against another implementation of it (xxhash-wasm). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import xxhash from "xxhash-wasm";

import { PageDigester } from "../../../src/machine/digest/page-digest.js";
import { xxh64 } from "../../../src/machine/digest/xxh64.js";
import { RAM_PAGE_BYTES } from "../../../src/machine/ram.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";

const reference = await xxhash();
const h64Raw = (bytes: Uint8Array, from: bigint): bigint => reference.h64Raw(bytes, from);
const seed = freshSeed();
console.log(`    xxh64: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, () => random(256));
const word = (): bigint => (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));

test("given bytes of every length up to three stripes, and seeds, when hashed, then as the other implementation", () => {
  for (let length = 0; length <= 100; length += 1) {
    const bytes = bytesOf(length);
    for (const from of [0n, 1n, (1n << 64n) - 1n, word()]) {
      assert.is(
        xxh64(bytes, from),
        h64Raw(bytes, from),
        `${String(length)} bytes, seed ${String(from)}, FOLDVM_SEED=${String(seed)}`,
      );
    }
  }
});

test("given more bytes than the memory had at first, when hashed after and before shorter ones, then nothing of one is in the next", () => {
  const [short, long] = [bytesOf(33), bytesOf(300_000)];
  for (const bytes of [short, long, short, long.subarray(1)]) assert.is(xxh64(bytes, 7n), h64Raw(bytes, 7n));
});

test("given the specification's own vectors, when hashed, then they agree", () => {
  assert.is(xxh64(new Uint8Array(0), 0n), 0xef46_db37_51d8_e999n);
  assert.is(xxh64(new TextEncoder().encode("abc"), 0n), 0x44bc_2cf5_ad77_0999n);
});

test("given pages, when digested, then XXH64 with the page's number as seed; zeros are 0", () => {
  const digester = new PageDigester();
  for (const page of [0, 1, 77, 524_287]) {
    const bytes = bytesOf(RAM_PAGE_BYTES);
    assert.is(digester.of(bytes, page), h64Raw(bytes, BigInt(page)));
    assert.is(digester.of(new Uint8Array(RAM_PAGE_BYTES), page), 0n);
  }
  for (let at = 0; at < RAM_PAGE_BYTES; at += 97) {
    const bytes = new Uint8Array(RAM_PAGE_BYTES);
    bytes[at] = 1;
    assert.is(digester.of(bytes, 3), h64Raw(bytes, 3n));
  }
});

test.run();
