/**
 * XXH64 of bytes: a 64-bit hash of published quality. It runs in WebAssembly, because JavaScript has no fast 64-bit
 * multiplication.
 */
import { Assembler } from "../wasm/assembler.js";
import { ModuleBuilder } from "../wasm/module-builder.js";
import { STRIPE_BYTES, Xxh64Code, type Value } from "./xxh64-code.js";

/** `seed` is taken modulo 2^64. Equal bytes have equal hashes, wherever they lie. */
export function xxh64(bytes: Uint8Array, seed: bigint): bigint {
  hasher ??= new Hasher();
  return hasher.of(bytes, seed);
}

/** Made on first use. One serves the whole process, because it keeps nothing of a hash. */
let hasher: Hasher | undefined;

const WASM_PAGE_BYTES = 0x1_0000;

class Hasher {
  private readonly memory = new WebAssembly.Memory({ initial: 1 });
  private readonly hash: (length: number, seed: bigint) => bigint;

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(hashModule()), {
      env: { memory: this.memory },
    });
    this.hash = exports["xxh64"] as Hasher["hash"];
  }

  of(bytes: Uint8Array, seed: bigint): bigint {
    const missing = bytes.length - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
    new Uint8Array(this.memory.buffer).set(bytes);
    return BigInt.asUintN(64, this.hash(bytes.length, BigInt.asIntN(64, seed)));
  }
}

function hashModule(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const index = builder.declareFunction({ parameters: ["i32", "i64"], results: ["i64"] }, "xxh64");
  builder.defineFunction(index, hashFunction());
  return builder.build({ initialPages: 1 });
}

/** (length: i32, seed: i64) -> i64, over the bytes at the start of the memory. */
function hashFunction(): Assembler {
  const asm = new Assembler(["i32", "i64"]);
  const [length, seed] = [asm.parameter(0), asm.parameter(1)];
  const code = new Xxh64Code(asm);
  const at = asm.local("i32");
  const hash = asm.local("i64");
  const load =
    (opcode: "i64.load" | "i64.load32_u" | "i64.load8_u", offset = 0): Value =>
    () => {
      asm.get(at);
      asm.memory(opcode, offset);
    };
  /** Repeats `body` while at least so many bytes are left. */
  const repeat = (bytes: number, body: () => void): void => {
    asm.block((done) => {
      asm.loop((again) => {
        asm.get(length);
        asm.get(at);
        asm.op("i32.sub");
        asm.i32(bytes);
        asm.op("i32.lt_u");
        asm.brIf(done);
        body();
        asm.get(at);
        asm.i32(bytes);
        asm.op("i32.add");
        asm.set(at);
        asm.br(again);
      });
    });
  };

  asm.get(length);
  asm.i32(STRIPE_BYTES);
  asm.op("i32.lt_u");
  asm.if(
    () => {
      code.set(hash, code.beginShort(code.get(seed)));
    },
    () => {
      code.beginLanes(code.get(seed));
      repeat(STRIPE_BYTES, () => {
        code.takeStripe((index) => load("i64.load", index * 8));
      });
      code.converge(hash);
    },
  );
  const lengthValue = (): void => {
    asm.get(length);
    asm.op("i64.extend_i32_u");
  };
  code.set(hash, code.add(code.get(hash), lengthValue));
  repeat(8, () => {
    code.takeWord(hash, load("i64.load"));
  });
  repeat(4, () => {
    code.takeHalf(hash, load("i64.load32_u"));
  });
  repeat(1, () => {
    code.takeByte(hash, load("i64.load8_u"));
  });
  code.avalanche(hash);
  asm.get(hash);
  return asm;
}
