/** Shared by slow loads and slow stores: translation, the two pages of a crossing access, faults, the bus's answer. */
import { FAULTS, translate } from "../hart/mmu.js";
import type { Width } from "../hart/ops.js";
import type { Assembler, Local } from "../wasm/assembler.js";
import type { Code } from "./compiled-values.js";
import { CONTROL, PAGE_BYTES, PAGE_OFFSET } from "./layout.js";
import type { SlotOps } from "./slot-ops.js";

export class SlowAccess {
  readonly virtual: Code;
  readonly bytes: Code;
  private readonly asm: Assembler;

  constructor(
    private readonly o: SlotOps,
    private readonly hostAddress: number,
    private readonly kind: "load" | "store",
    private readonly width: Local,
    virtual: Local,
  ) {
    this.asm = o.frame.asm;
    this.virtual = () => {
      this.asm.get(virtual);
    };
    this.bytes = () => {
      this.asm.get(width);
      this.asm.op("i64.extend_i32_u");
    };
  }

  translated(): { physical: Code; host: Local } {
    const physical = this.o.invoke(translate[this.kind], this.virtual, this.bytes);
    return { physical, host: this.host(physical) };
  }

  ifWidth(width: Width, body: () => void): void {
    this.asm.get(this.width);
    this.asm.i32(width);
    this.asm.op("i32.eq");
    this.asm.if(body);
  }

  /** Both pages are translated before a byte moves, so a faulting access has no effect. */
  whenCrossing(body: (parts: { firstBytes: Code; first: Local; second: Local }) => void): void {
    const { o } = this;
    const offset = o.and(this.virtual, o.i64(PAGE_OFFSET));
    o.when(o.ltU(o.i64(BigInt(PAGE_BYTES)), o.add(offset, this.bytes)), () => {
      const firstBytes = o.bind(o.sub(o.i64(BigInt(PAGE_BYTES)), offset));
      const first = this.host(o.invoke(translate[this.kind], this.virtual, firstBytes));
      const nextPage = o.bind(o.add(this.virtual, firstBytes));
      const second = this.host(o.invoke(translate[this.kind], nextPage, o.sub(this.bytes, firstBytes)));
      this.asm.get(first);
      this.asm.op("i32.eqz");
      this.asm.get(second);
      this.asm.op("i32.eqz");
      this.asm.op("i32.or");
      this.asm.if(() => {
        this.fault();
      });
      body({ firstBytes, first, second });
    });
  }

  /** Leaves the address of byte `index` of a crossing access. */
  byteAddress(index: Code, firstBytes: Code, first: Local, second: Local): void {
    const { asm, o } = this;
    const offset = (from: Code): void => {
      from();
      asm.op("i32.wrap_i64");
    };
    o.ltU(index, firstBytes)();
    asm.if(
      () => {
        asm.get(first);
        offset(index);
        asm.op("i32.add");
      },
      () => {
        asm.get(second);
        offset(o.sub(index, firstBytes));
        asm.op("i32.add");
      },
      "i32",
    );
  }

  /** Devices answer aligned accesses only. */
  requireAligned(): void {
    const { o } = this;
    o.when(o.ne(o.and(this.virtual, o.sub(this.bytes, o.i64(1n))), o.i64(0n)), () => {
      this.fault();
    });
  }

  /** After a bus access: it may have found nothing, or require that the instruction starts again. */
  requireAnswer(): void {
    const { o, asm } = this;
    asm.i32(0);
    asm.memory("i32.load", CONTROL.accessFault);
    asm.if(() => {
      o.setControl("accessFault", o.i64(0n));
      this.fault();
    });
    o.frame.resumeOrLeave();
  }

  private host(physical: Code): Local {
    const host = this.o.temporary("i32");
    this.asm.get(this.o.frame.slot);
    physical();
    this.asm.call(this.hostAddress);
    this.asm.set(host);
    return host;
  }

  private fault(): void {
    this.o.trap(this.o.i64(FAULTS[this.kind].access), this.virtual);
  }
}
