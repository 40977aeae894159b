/**
 * The digest of a page: four lanes of multiply and rotate over its 512 words, mixed with the page's number, and 0
 * for a page of zeros, so that untouched RAM costs nothing. Not cryptographic: it tells states apart, not forgers.
 */
import { Assembler, type Local } from "../wasm/assembler.js";
import { ModuleBuilder } from "../wasm/module-builder.js";
import { PAGE_BYTES } from "./layout.js";

const LANES = 4;
/** Odd constants of xxHash64. */
const PRIME_1 = 0x9e37_79b1_85eb_ca87n;
const PRIME_2 = 0xc2b2_ae3d_27d4_eb4fn;
const PRIME_3 = 0x1656_67b1_9e37_79f9n;

/** Digests pages that lie in a WebAssembly memory. */
export class PageDigester {
  private readonly digestAt: (address: number, page: number) => bigint;

  constructor(private readonly memory = new WebAssembly.Memory({ initial: 1 })) {
    module ??= new WebAssembly.Module(digestModule());
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.digestAt = exports["pageDigest"] as PageDigester["digestAt"];
  }

  /** The page that lies at `address` in the memory, as page number `page` of RAM. */
  at(address: number, page: number): bigint {
    return BigInt.asUintN(64, this.digestAt(address, page));
  }

  /** A page that lies elsewhere: it is copied to the start of the memory. */
  of(bytes: Uint8Array, page: number): bigint {
    new Uint8Array(this.memory.buffer).set(bytes);
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
  const end = asm.local("i32");
  const any = asm.local("i64");
  const word = asm.local("i64");
  const lanes = Array.from({ length: LANES }, () => asm.local("i64"));

  lanes.forEach((lane, index) => {
    asm.i64(PRIME_3 * BigInt(index + 1));
    asm.set(lane);
  });
  asm.get(host);
  asm.i32(PAGE_BYTES);
  asm.op("i32.add");
  asm.set(end);
  asm.loop((next) => {
    lanes.forEach((lane, index) => {
      asm.get(host);
      asm.memory("i64.load", index * 8);
      asm.set(word);
      asm.get(any);
      asm.get(word);
      asm.op("i64.or");
      asm.set(any);
      asm.get(lane);
      asm.get(word);
      asm.i64(PRIME_2);
      asm.op("i64.mul");
      asm.op("i64.add");
      asm.i64(31n);
      asm.op("i64.rotl");
      asm.i64(PRIME_1);
      asm.op("i64.mul");
      asm.set(lane);
    });
    asm.get(host);
    asm.i32(LANES * 8);
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
  const [sum] = lanes as [Local, ...Local[]];
  asm.get(page);
  asm.op("i64.extend_i32_u");
  asm.i64(PRIME_1);
  asm.op("i64.mul");
  asm.set(word);
  for (const lane of lanes) mixIn(asm, word, lane);
  asm.get(word);
  asm.set(sum);
  avalanche(asm, sum);
  asm.get(sum);
  return asm;
}

/** accumulator = rotl(accumulator ^ lane, 27) * PRIME_1 + PRIME_2 */
function mixIn(asm: Assembler, accumulator: Local, lane: Local): void {
  asm.get(accumulator);
  asm.get(lane);
  asm.op("i64.xor");
  asm.i64(27n);
  asm.op("i64.rotl");
  asm.i64(PRIME_1);
  asm.op("i64.mul");
  asm.i64(PRIME_2);
  asm.op("i64.add");
  asm.set(accumulator);
}

/** xxHash64's final mix: every input bit reaches every output bit. */
function avalanche(asm: Assembler, value: Local): void {
  const step = (shift: bigint, factor: bigint): void => {
    asm.get(value);
    asm.get(value);
    asm.i64(shift);
    asm.op("i64.shr_u");
    asm.op("i64.xor");
    asm.i64(factor);
    asm.op("i64.mul");
    asm.set(value);
  };
  step(33n, PRIME_2);
  step(29n, PRIME_3);
  step(32n, 1n);
}
