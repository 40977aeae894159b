/** Shared by slow loads and slow stores: translation, the two pages of a crossing access, faults, the bus's answer. */
import { effectivePrivilege, FAULTS, translate } from "../../hart/mmu.js";
import type { Width } from "../../hart/ops.js";
import { PMP_PERMISSION, pmpAllows } from "../../hart/pmp.js";
import type { Code } from "../expressions/compiled-values.js";
import { PAGE_BYTES, PAGE_MASK, PAGE_OFFSET } from "../layout.js";
import { SlotOps, type EngineFunctions, type Frame } from "../slot-ops.js";
import { fillTlbEntry } from "../tlb.js";
import { noteWriteEntry } from "./write-entries.js";
import type { Word, Words } from "../expressions/words.js";

/** An access to two pages: where it begins in each, and the bytes in the first. */
export interface CrossingAccess {
  readonly firstBytes: Code;
  readonly first: Word;
  readonly second: Word;
}

export class SlowAccess {
  readonly o: SlotOps;
  readonly w: Words;
  readonly bytes: Code;
  private readonly kind: "load" | "store";
  private readonly width: Word;
  private readonly virtual: Code;

  constructor(
    frame: Frame,
    readonly engine: EngineFunctions,
    private readonly hostAddress: number,
    access: { readonly kind: "load" | "store"; readonly width: Word; readonly virtual: Code },
  ) {
    this.o = new SlotOps(frame, engine);
    this.w = frame.w;
    ({ kind: this.kind, width: this.width, virtual: this.virtual } = access);
    this.bytes = this.w.zeroExtend(this.width);
  }

  translated(): { physical: Code; host: Word } {
    const physical = this.o.invoke(translate[this.kind], this.virtual, this.bytes);
    return { physical, host: this.host(physical) };
  }

  ifWidth(width: Width, body: () => void): void {
    const { w } = this;
    w.when(w.eq(this.width, w.i32(width)), body);
  }

  /** Both pages are translated before a byte moves, so a faulting access has no effect. */
  whenCrossing(body: (access: CrossingAccess) => void): void {
    const { o, w } = this;
    const offset = o.and(this.virtual, o.i64(PAGE_OFFSET));
    o.when(o.ltU(o.i64(BigInt(PAGE_BYTES)), o.add(offset, this.bytes)), () => {
      const firstBytes = o.bind(o.sub(o.i64(BigInt(PAGE_BYTES)), offset));
      const first = this.host(o.invoke(translate[this.kind], this.virtual, firstBytes));
      const nextPage = o.bind(o.add(this.virtual, firstBytes));
      const second = this.host(o.invoke(translate[this.kind], nextPage, o.sub(this.bytes, firstBytes)));
      w.when(w.or(w.not(first), w.not(second)), () => {
        this.fault();
      });
      body({ firstBytes, first, second });
    });
  }

  /** The address of byte `index` of a crossing access. */
  byteAddress(index: Code, { firstBytes, first, second }: CrossingAccess): Word {
    const { o, w } = this;
    const inSecond = o.sub(index, firstBytes);
    return w.choose(o.ltU(index, firstBytes), w.add(first, w.low(index)), w.add(second, w.low(inSecond)));
  }

  /** Keeps a translation, if PMP treats the whole page like this access. */
  fillTlb(tlb: number, physical: Code, host: Word): void {
    const { o, w, kind, virtual } = this;
    const uniform = o.invoke(
      pmpAllows,
      o.and(physical, o.i64(PAGE_MASK)),
      o.i64(BigInt(PAGE_BYTES)),
      o.i64(PMP_PERMISSION[kind]),
      o.bind(effectivePrivilege(o, kind)),
    );
    o.when(o.ne(uniform, o.i64(0n)), () => {
      if (kind === "store") noteWriteEntry(w, this.engine.layout, virtual, host);
      fillTlbEntry(w, tlb, virtual, o.control("dataContext"), w.sub(host, w.low(virtual)));
    });
  }

  /** Both halves of an address: a call of JavaScript with an i64 makes a bigint. */
  halves(address: Code): readonly [high: Word, low: Word] {
    const { o, w } = this;
    return [w.low(o.shrU(address, o.i64(32n))), w.low(address)];
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
    const { o, w } = this;
    w.when(w.control("accessFault"), () => {
      o.setControl("accessFault", o.i64(0n));
      this.fault();
    });
    o.frame.resumeOrLeave();
  }

  private host(physical: Code): Word {
    const { o, w } = this;
    const host = w.variable();
    host.set(w.result(this.hostAddress, o.frame.slot, physical));
    return host;
  }

  private fault(): void {
    this.o.trap(this.o.i64(FAULTS[this.kind].access), this.virtual);
  }
}
