/**
 * Unpacks LZ4 blocks in WebAssembly, which copies eight bytes at once: a state of a Linux guest has thousands of packed
 * pages. It stays within a block and its target, whatever the block says.
 */
import { Assembler, type Local } from "../../../machine/wasm/assembler.js";
import { ModuleBuilder } from "../../../machine/wasm/module-builder.js";

/** The greatest length of a block, and of what it unpacks to. */
export const MAX_BLOCK_BYTES = 256 * 1024;

/** Fills `target`. False unless the block is well formed, and as long unpacked as the target. */
export function unpackBlock(block: Uint8Array, target: Uint8Array): boolean {
  if (block.length > MAX_BLOCK_BYTES || target.length > MAX_BLOCK_BYTES) return false;
  unpacker ??= new Unpacker();
  return unpacker.unpack(block, target);
}

/** Made on first use. One serves the whole process. */
let unpacker: Unpacker | undefined;

/** A copy of whole words reaches beyond its end. */
const SLACK_BYTES = 8;
const TARGET = MAX_BLOCK_BYTES + SLACK_BYTES;
const WASM_PAGE_BYTES = 65_536;
const WASM_PAGES = Math.ceil((TARGET + MAX_BLOCK_BYTES + SLACK_BYTES) / WASM_PAGE_BYTES);

class Unpacker {
  private readonly bytes: Uint8Array;
  private readonly unpackAt: (block: number, blockEnd: number, target: number, targetEnd: number) => number;

  constructor() {
    const memory = new WebAssembly.Memory({ initial: WASM_PAGES });
    this.bytes = new Uint8Array(memory.buffer);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(unpackModule()), { env: { memory } });
    this.unpackAt = exports["unpack"] as Unpacker["unpackAt"];
  }

  unpack(block: Uint8Array, target: Uint8Array): boolean {
    this.bytes.set(block);
    if (this.unpackAt(0, block.length, TARGET, TARGET + target.length) === 0) return false;
    target.set(this.bytes.subarray(TARGET, TARGET + target.length));
    return true;
  }
}

function unpackModule(): Uint8Array<ArrayBuffer> {
  const builder = new ModuleBuilder();
  const signature = { parameters: ["i32", "i32", "i32", "i32"], results: ["i32"] } as const;
  const index = builder.declareFunction(signature, "unpack");
  builder.defineFunction(index, new UnpackFunction().code());
  return builder.build({ initialPages: WASM_PAGES });
}

/** A length of 15 goes on in the bytes that follow, each of which adds to it; the last is less than 255. */
const GOES_ON = 15;
const SHORTEST_MATCH = 4;

/** (block, its end, target, its end) -> whether the block fills the target: LZ4 block format, 1.6.3. */
class UnpackFunction {
  private readonly asm = new Assembler(["i32", "i32", "i32", "i32"]);
  private readonly from = this.asm.parameter(0);
  private readonly fromEnd = this.asm.parameter(1);
  private readonly target = this.asm.parameter(2);
  private readonly toEnd = this.asm.parameter(3);
  private readonly to = this.asm.local("i32");
  private readonly token = this.asm.local("i32");
  private readonly length = this.asm.local("i32");
  private readonly byte = this.asm.local("i32");
  private readonly distance = this.asm.local("i32");
  private readonly source = this.asm.local("i32");
  private readonly copyEnd = this.asm.local("i32");

  code(): Assembler {
    const { asm, from, fromEnd, to, toEnd } = this;
    asm.get(this.target);
    asm.set(to);
    asm.block((end) => {
      asm.loop((next) => {
        this.failUnlessLeft(1);
        this.readByte(this.token);
        this.literals();
        // The last sequence has no match.
        asm.get(from);
        asm.get(fromEnd);
        asm.op("i32.eq");
        asm.brIf(end);
        this.match();
        asm.br(next);
      });
    });
    asm.get(to);
    asm.get(toEnd);
    asm.op("i32.eq");
    return asm;
  }

  private literals(): void {
    const { asm, from, fromEnd, length } = this;
    asm.get(this.token);
    asm.i32(4);
    asm.op("i32.shr_u");
    asm.set(length);
    this.lengthGoesOn();
    this.failIfBeyond(length, fromEnd, from);
    asm.get(from);
    asm.set(this.source);
    this.copy("i64.load", "i64.store", SLACK_BYTES);
    this.advance(from, length);
  }

  private match(): void {
    const { asm, from, to, length, distance } = this;
    this.failUnlessLeft(2);
    asm.get(from);
    asm.memory("i32.load16_u");
    asm.set(distance);
    this.advanceBy(from, 2);
    // Zero wraps around.
    asm.get(distance);
    asm.i32(1);
    asm.op("i32.sub");
    asm.get(to);
    asm.get(this.target);
    asm.op("i32.sub");
    asm.op("i32.ge_u");
    this.failIf();
    asm.get(this.token);
    asm.i32(GOES_ON);
    asm.op("i32.and");
    asm.set(length);
    this.lengthGoesOn();
    this.advanceBy(length, SHORTEST_MATCH);
    asm.get(to);
    asm.get(distance);
    asm.op("i32.sub");
    asm.set(this.source);
    // A match may overlap what it makes.
    asm.get(distance);
    asm.i32(SLACK_BYTES);
    asm.op("i32.lt_u");
    asm.if(
      () => {
        this.copy("i32.load8_u", "i32.store8", 1);
      },
      () => {
        this.copy("i64.load", "i64.store", SLACK_BYTES);
      },
    );
  }

  private lengthGoesOn(): void {
    const { asm, byte, length } = this;
    asm.get(length);
    asm.i32(GOES_ON);
    asm.op("i32.eq");
    asm.if(() => {
      asm.loop((next) => {
        this.failUnlessLeft(1);
        this.readByte(byte);
        this.advance(length, byte);
        asm.get(byte);
        asm.i32(255);
        asm.op("i32.eq");
        asm.brIf(next);
      });
    });
  }

  /** `length` bytes from `source`, in steps; it fails where the target has no room for them. */
  private copy(load: "i64.load" | "i32.load8_u", store: "i64.store" | "i32.store8", step: number): void {
    const { asm, to, source, length, copyEnd } = this;
    this.failIfBeyond(length, this.toEnd, to);
    asm.get(to);
    asm.get(length);
    asm.op("i32.add");
    asm.set(copyEnd);
    asm.loop((next) => {
      asm.get(to);
      asm.get(source);
      asm.memory(load);
      asm.memory(store);
      this.advanceBy(source, step);
      this.advanceBy(to, step);
      asm.get(to);
      asm.get(copyEnd);
      asm.op("i32.lt_u");
      asm.brIf(next);
    });
    asm.get(copyEnd);
    asm.set(to);
  }

  private readByte(into: Local): void {
    const { asm, from } = this;
    asm.get(from);
    asm.memory("i32.load8_u");
    asm.set(into);
    this.advanceBy(from, 1);
  }

  private failUnlessLeft(bytes: number): void {
    const { asm } = this;
    asm.get(this.fromEnd);
    asm.get(this.from);
    asm.op("i32.sub");
    asm.i32(bytes);
    asm.op("i32.lt_u");
    this.failIf();
  }

  private failIfBeyond(length: Local, end: Local, start: Local): void {
    const { asm } = this;
    asm.get(length);
    asm.get(end);
    asm.get(start);
    asm.op("i32.sub");
    asm.op("i32.gt_u");
    this.failIf();
  }

  private failIf(): void {
    const { asm } = this;
    asm.if(() => {
      asm.i32(0);
      asm.op("return");
    });
  }

  private advance(local: Local, by: Local): void {
    const { asm } = this;
    asm.get(local);
    asm.get(by);
    asm.op("i32.add");
    asm.set(local);
  }

  private advanceBy(local: Local, bytes: number): void {
    const { asm } = this;
    asm.get(local);
    asm.i32(bytes);
    asm.op("i32.add");
    asm.set(local);
  }
}
