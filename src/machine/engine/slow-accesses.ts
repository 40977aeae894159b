/**
 * Loads and stores that miss the TLB: translation, devices, page crossings, and stores to pages that are watched
 * (not yet dirty, decoded code, page tables).
 */
import { FAULTS, translate, effectivePrivilege } from "../hart/mmu.js";
import { PMP_PERMISSION, pmpAllows } from "../hart/pmp.js";
import type { AccessKind, Width } from "../isa/ops.js";
import type { Local } from "../wasm/assembler.js";
import type { Assembler } from "../wasm/assembler.js";
import { countUp } from "./counters.js";
import { functionFrame } from "./function-frame.js";
import {
  CONTROL,
  PAGE_BYTES,
  PAGE_FLAG,
  PAGE_SHIFT,
  RAM_BASE,
  READ_TLB,
  ROM_BASE,
  ROM_BYTES,
  SLOT_BYTES,
  WRITE_TLB,
  type Layout,
} from "./layout.js";
import { SlotOps, type EngineFunctions } from "./slot-ops.js";
import { fillTlbEntry } from "./tlb.js";
import type { Code } from "./compiled-values.js";
import { LOADS, STORES } from "./wasm-ops.js";

const WIDTHS: readonly Width[] = [1, 2, 4, 8];
const PAGE_OFFSET = BigInt(PAGE_BYTES - 1);

export interface SlowAccessImports {
  readonly busLoad: number;
  readonly busStore: number;
}

/** (physical: i64) -> i32: its address in this memory, or 0 where there is neither RAM nor ROM. */
export function hostAddressFunction(layout: Layout): Assembler {
  const { frame, parameter } = functionFrame(["i64"], "i32");
  const { asm } = frame;
  const offset = asm.local("i64");
  const within = (base: number, bytes: number, host: number): void => {
    asm.get(parameter(0));
    asm.i64(BigInt(base));
    asm.op("i64.sub");
    asm.tee(offset);
    asm.i64(BigInt(bytes));
    asm.op("i64.lt_u");
    asm.if(() => {
      asm.get(offset);
      asm.op("i32.wrap_i64");
      asm.i32(host);
      asm.op("i32.add");
      asm.op("return");
    });
  };
  within(RAM_BASE, layout.ramBytes, layout.ram);
  within(ROM_BASE, ROM_BYTES, layout.rom);
  asm.i32(0);
  return asm;
}

/** (width: i32, virtual: i64) -> i64. `kind` is "store" for the read half of an AMO. */
export function loadSlowFunction(
  engine: EngineFunctions,
  imports: SlowAccessImports,
  hostAddress: number,
  kind: "load" | "store",
): Assembler {
  const { frame, parameter } = functionFrame(["i32", "i64"], "i64");
  const { asm } = frame;
  const o = new SlotOps(frame, engine);
  const access = new SlowAccess(o, hostAddress, kind, parameter(0), parameter(1));

  countUp(asm, "slowLoads");
  access.whenCrossing(({ firstBytes, first, second }) => {
    const index = o.variable(o.i64(0n));
    const value = o.variable(o.i64(0n));
    o.loop(
      () => o.ltU(index.get(), access.bytes),
      () => {
        const byte = (): void => {
          access.byteAddress(index.get(), firstBytes, first, second);
          asm.memory("i64.load8_u");
        };
        value.set(o.or(value.get(), o.shl(byte, o.shl(index.get(), o.i64(3n)))));
        index.set(o.add(index.get(), o.i64(1n)));
      },
    );
    value.get()();
    asm.op("return");
  });

  const { physical, host } = access.translated();
  asm.get(host);
  asm.if(() => {
    // The read half of an AMO fills nothing: its store comes next and does what a store must.
    if (kind === "load") fillTlb(o, READ_TLB, "load", access.virtual, physical, host);
    for (const width of WIDTHS) {
      access.ifWidth(width, () => {
        asm.get(host);
        asm.memory(LOADS[width]);
        asm.op("return");
      });
    }
  });
  access.requireAligned();
  const value = o.bind(() => {
    physical();
    asm.get(parameter(0));
    asm.call(imports.busLoad);
  });
  access.requireAnswer();
  value();
  return asm;
}

/** (width: i32, virtual: i64, value: i64). */
export function storeSlowFunction(
  engine: EngineFunctions,
  imports: SlowAccessImports,
  hostAddress: number,
  writeWatched: number,
): Assembler {
  const { frame, parameter } = functionFrame(["i32", "i64", "i64"], undefined);
  const { asm, slot } = frame;
  const o = new SlotOps(frame, engine);
  const access = new SlowAccess(o, hostAddress, "store", parameter(0), parameter(1));
  const value = (): void => {
    asm.get(parameter(2));
  };
  /** ROM takes no writes, and says nothing. */
  const whenRam = (address: Local, body: () => void): void => {
    asm.get(address);
    asm.i32(engine.layout.rom);
    asm.op("i32.lt_u");
    asm.if(body);
  };

  countUp(asm, "slowStores");
  access.whenCrossing(({ firstBytes, first, second }) => {
    const index = o.variable(o.i64(0n));
    const target = o.temporary("i32");
    o.loop(
      () => o.ltU(index.get(), access.bytes),
      () => {
        access.byteAddress(index.get(), firstBytes, first, second);
        asm.set(target);
        whenRam(target, () => {
          asm.get(slot);
          asm.i32(1);
          asm.get(target);
          o.shrU(value, o.shl(index.get(), o.i64(3n)))();
          asm.call(writeWatched);
          asm.op("drop");
        });
        index.set(o.add(index.get(), o.i64(1n)));
      },
    );
    asm.op("return");
  });

  const { physical, host } = access.translated();
  asm.get(host);
  asm.if(() => {
    whenRam(host, () => {
      asm.get(slot);
      asm.get(parameter(0));
      asm.get(host);
      value();
      asm.call(writeWatched);
      asm.if(() => {
        fillTlb(o, WRITE_TLB, "store", access.virtual, physical, host);
      });
    });
    asm.op("return");
  });
  access.requireAligned();
  physical();
  asm.get(parameter(0));
  value();
  asm.call(imports.busStore);
  access.requireAnswer();
  return asm;
}

/**
 * (width: i32, host: i32, value: i64) -> i32: stores to RAM, with all that a first store to a page must do.
 * Returns whether later stores to this page need none of it.
 */
export function writeWatchedFunction(
  engine: EngineFunctions,
  invalidateCode: number,
  pageTableStored: number,
): Assembler {
  const { frame, parameter } = functionFrame(["i32", "i32", "i64"], "i32");
  const { asm, slot } = frame;
  const { layout } = engine;
  const [width, host, value] = [parameter(0), parameter(1), parameter(2)];
  const page = asm.local("i32");
  const entry = asm.local("i32");
  const old = asm.local("i64");
  const flags = (): void => {
    asm.get(page);
    asm.memory("i32.load8_u", layout.pageFlags);
  };
  const has = (flag: number): void => {
    flags();
    asm.i32(flag);
    asm.op("i32.and");
  };

  asm.get(host);
  asm.i32(layout.ram);
  asm.op("i32.sub");
  asm.i32(PAGE_SHIFT);
  asm.op("i32.shr_u");
  asm.set(page);
  // The page-table entry that the first byte lies in.
  asm.get(host);
  asm.i32(-8);
  asm.op("i32.and");
  asm.tee(entry);
  asm.memory("i64.load");
  asm.set(old);
  for (const bytes of WIDTHS) {
    asm.get(width);
    asm.i32(bytes);
    asm.op("i32.eq");
    asm.if(() => {
      asm.get(host);
      asm.get(value);
      asm.memory(STORES[bytes]);
    });
  }
  asm.get(page);
  flags();
  asm.i32(PAGE_FLAG.digestStale | PAGE_FLAG.uncaptured);
  asm.op("i32.or");
  asm.memory("i32.store8", layout.pageFlags);
  has(PAGE_FLAG.code);
  asm.if(() => {
    asm.get(slot);
    asm.get(page);
    asm.get(host);
    asm.get(width);
    asm.call(invalidateCode);
  });
  has(PAGE_FLAG.tables);
  asm.if(() => {
    const stored = (offset: number, isChanged: () => void): void => {
      asm.get(slot);
      asm.get(page);
      asm.get(entry);
      asm.i32(layout.ram - offset);
      asm.op("i32.sub");
      isChanged();
      asm.call(pageTableStored);
    };
    stored(0, () => {
      asm.get(entry);
      asm.memory("i64.load");
      asm.get(old);
      asm.op("i64.ne");
    });
    // One that straddles two entries counts as a change of the second.
    asm.get(host);
    asm.get(entry);
    asm.op("i32.sub");
    asm.get(width);
    asm.op("i32.add");
    asm.i32(8);
    asm.op("i32.gt_u");
    asm.if(() => {
      stored(8, () => {
        asm.i32(1);
      });
    });
  });
  has(PAGE_FLAG.code | PAGE_FLAG.tables);
  asm.op("i32.eqz");
  return asm;
}

/** (page: i32, host: i32, width: i32): the decoded instructions that hold a changed byte are decoded again. */
export function invalidateCodeFunction(layout: Layout, dropRegions: number): Assembler {
  const { frame, parameter } = functionFrame(["i32", "i32", "i32"], undefined);
  const { asm } = frame;
  const [page, host, width] = [parameter(0), parameter(1), parameter(2)];
  const code = asm.local("i32");
  const index = asm.local("i32");
  const end = asm.local("i32");
  asm.get(page);
  asm.i32(2);
  asm.op("i32.shl");
  asm.memory("i32.load", layout.pageCode);
  asm.tee(code);
  asm.op("i32.eqz");
  asm.if(() => {
    asm.op("return");
  });
  asm.get(page);
  asm.memory("i32.load8_u", layout.pageFlags);
  asm.i32(PAGE_FLAG.regions);
  asm.op("i32.and");
  asm.if(() => {
    asm.get(code);
    asm.call(dropRegions);
  });
  // From the halfword before, since its instruction may have 4 bytes, up to the last one written.
  const halfword = (): void => {
    asm.get(host);
    asm.i32(PAGE_BYTES - 1);
    asm.op("i32.and");
  };
  halfword();
  asm.i32(1);
  asm.op("i32.shr_u");
  asm.i32(1);
  asm.op("i32.sub");
  asm.set(index);
  halfword();
  asm.get(width);
  asm.op("i32.add");
  asm.i32(1);
  asm.op("i32.sub");
  asm.i32(1);
  asm.op("i32.shr_u");
  asm.set(end);
  asm.loop((next) => {
    asm.get(index);
    asm.i32(0);
    asm.op("i32.ge_s");
    asm.if(() => {
      asm.get(code);
      asm.get(index);
      asm.i32(SLOT_BYTES);
      asm.op("i32.mul");
      asm.op("i32.add");
      asm.i32(0);
      asm.memory("i32.store16");
    });
    asm.get(index);
    asm.i32(1);
    asm.op("i32.add");
    asm.tee(index);
    asm.get(end);
    asm.op("i32.le_u");
    asm.brIf(next);
  });
  return asm;
}

/** Keeps a translation, where PMP treats the whole page as it did this access. */
function fillTlb(o: SlotOps, tlb: number, kind: AccessKind, virtual: Code, physical: Code, host: Local): void {
  const { asm } = o.frame;
  const pageStart = o.and(physical, o.i64(~PAGE_OFFSET));
  const uniform = o.invoke(
    pmpAllows,
    pageStart,
    o.i64(BigInt(PAGE_BYTES)),
    o.i64(PMP_PERMISSION[kind]),
    o.bind(effectivePrivilege(o, kind)),
  );
  o.when(o.ne(uniform, o.i64(0n)), () => {
    const addend = (): void => {
      asm.get(host);
      virtual();
      asm.op("i32.wrap_i64");
      asm.op("i32.sub");
    };
    fillTlbEntry(asm, tlb, virtual, o.control("dataContext"), addend);
  });
}

/** What the slow load and the slow store share. */
class SlowAccess {
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

  /** Both pages are translated before a byte moves: an access that faults has no effect. */
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

  /** After the bus: it may have found nothing, or want the instruction to start again. */
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
