/**
 * The digest of a page: XXH64 of its bytes, seeded with the page's number. A page of zeros has the digest 0, so
 * untouched RAM costs nothing. The digest is not cryptographic: it tells states apart, and stops no forger.
 */
import { RAM_PAGE_BYTES } from "../ram.js";
import { Assembler } from "../wasm/assembler.js";
import { ModuleBuilder } from "../wasm/module-builder.js";
import { STRIPE_BYTES, Xxh64Code, type Value } from "./xxh64-code.js";

/** Digests pages that lie in a WebAssembly memory. */
export class PageDigester {
  private readonly digestAt: (address: number, page: number) => bigint;
  private readonly bytes: Uint8Array;

  constructor(memory = new WebAssembly.Memory({ initial: 1 })) {
    this.bytes = new Uint8Array(memory.buffer);
    module ??= new WebAssembly.Module(digestModule());
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.digestAt = exports["pageDigest"] as PageDigester["digestAt"];
  }

  /** The digest of the page at `address` in the memory, as page number `page` of RAM. */
  at(address: number, page: number): bigint {
    return BigInt.asUintN(64, this.digestAt(address, page));
  }

  /** The digest of a page outside the memory. The page is copied to the memory's start. */
  of(bytes: Uint8Array, page: number): bigint {
    this.bytes.set(bytes);
    return this.at(0, page);
  }
}

let module: WebAssembly.Module | undefined;

function digestModule(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const index = builder.declareFunction({ parameters: ["i32", "i32"], results: ["i64"] }, "pageDigest");
  builder.defineFunction(index, pageDigestFunction());
  return builder.build({ initialPages: 1 });
}

/** (address: i32, page: i32) -> i64. */
function pageDigestFunction(): Assembler {
  const asm = new Assembler(["i32", "i32"]);
  const [host, page] = [asm.parameter(0), asm.parameter(1)];
  const code = new Xxh64Code(asm);
  const end = asm.local("i32");
  const any = asm.local("i64");
  const words = Array.from({ length: STRIPE_BYTES / 8 }, () => asm.local("i64"));
  const digest = asm.local("i64");
  const seed: Value = () => {
    asm.get(page);
    asm.op("i64.extend_i32_u");
  };

  code.beginLanes(seed);
  asm.get(host);
  asm.i32(RAM_PAGE_BYTES);
  asm.op("i32.add");
  asm.set(end);
  asm.loop((next) => {
    words.forEach((word, index) => {
      asm.get(host);
      asm.memory("i64.load", index * 8);
      asm.tee(word);
      asm.get(any);
      asm.op("i64.or");
      asm.set(any);
    });
    code.takeStripe((index) => () => {
      asm.get(words[index] ?? digest);
    });
    asm.get(host);
    asm.i32(STRIPE_BYTES);
    asm.op("i32.add");
    asm.tee(host);
    asm.get(end);
    asm.op("i32.lt_u");
    asm.brIf(next);
  });
  asm.get(any);
  asm.op("i64.eqz");
  asm.if(() => {
    asm.i64(0n);
    asm.op("return");
  });
  code.converge(digest);
  code.set(
    digest,
    code.add(code.get(digest), () => {
      asm.i64(BigInt(RAM_PAGE_BYTES));
    }),
  );
  code.avalanche(digest);
  // 0 is reserved for a page of zeros, so any other page gets another digest.
  asm.get(digest);
  asm.get(digest);
  asm.op("i64.eqz");
  asm.op("i64.extend_i32_u");
  asm.op("i64.or");
  return asm;
}
