/** Loads and stores that miss the TLB: translation, devices, page crossings, and stores to watched pages. */
import { effectivePrivilege } from "../hart/mmu.js";
import { PMP_PERMISSION, pmpAllows } from "../hart/pmp.js";
import type { AccessKind } from "../hart/ops.js";
import type { Local } from "../wasm/assembler.js";
import type { Assembler } from "../wasm/assembler.js";
import { countUp } from "./counters.js";
import { functionFrame } from "./function-frame.js";
import { PAGE_BYTES, PAGE_MASK, RAM_BASE, READ_TLB, ROM_BASE, ROM_BYTES, WRITE_TLB, type Layout } from "./layout.js";
import { SlowAccess } from "./slow-access.js";
import { SlotOps, type EngineFunctions } from "./slot-ops.js";
import { fillTlbEntry } from "./tlb.js";
import { ifProbed, ifSet } from "./probe-calls.js";
import type { Code } from "./compiled-values.js";
import { LOADS, WIDTHS } from "./wasm-ops.js";

export interface SlowAccessImports {
  readonly busLoad: number;
  readonly busStore: number;
}

/** (physical: i64) -> i32: the address in this memory, or 0 if there is neither RAM nor ROM. */
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

  const { probes } = engine;
  /** `width` leaves an i32. */
  const tellLoaded = (from: Local, width: () => void): void => {
    if (probes === undefined) return;
    ifSet(asm, "probesLoads", () => {
      ifProbed(asm, engine.layout, from, () => {
        asm.get(from);
        width();
        asm.call(probes.probeLoaded);
      });
      // Whoever was told may have stopped the hart before the instruction.
      o.frame.resumeOrLeave();
    });
  };

  countUp(asm, "slowLoads");
  access.whenCrossing(({ firstBytes, first, second }) => {
    tellLoaded(first, narrow(asm, firstBytes));
    tellLoaded(second, narrow(asm, o.sub(access.bytes, firstBytes)));
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
    // The read half of an AMO fills no entry, because its store comes next and does what a store must do.
    if (kind === "load") {
      unlessLoadsProbed(o, engine, host, () => {
        fillTlb(o, READ_TLB, "load", access.virtual, physical, host);
      });
    }
    tellLoaded(host, () => {
      asm.get(parameter(0));
    });
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
    pushHalves(o, physical);
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
  /** ROM ignores writes silently. */
  const whenRam = (address: Local, body: () => void): void => {
    asm.get(address);
    asm.i32(engine.layout.rom);
    asm.op("i32.lt_u");
    asm.if(body);
  };

  const { probes } = engine;
  const tellStored = (to: Local, width: () => void, stored: Code): void => {
    if (probes === undefined) return;
    ifProbed(asm, engine.layout, to, () => {
      asm.get(to);
      width();
      stored();
      asm.call(probes.probeStored);
      // Whoever was told may have stopped the hart before the instruction.
      o.frame.resumeOrLeave();
    });
  };

  countUp(asm, "slowStores");
  access.whenCrossing(({ firstBytes, first, second }) => {
    tellStored(first, narrow(asm, firstBytes), value);
    tellStored(second, narrow(asm, o.sub(access.bytes, firstBytes)), o.shrU(value, o.shl(firstBytes, o.i64(3n))));
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
      tellStored(
        host,
        () => {
          asm.get(parameter(0));
        },
        value,
      );
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
  pushHalves(o, physical);
  asm.get(parameter(0));
  value();
  asm.call(imports.busStore);
  access.requireAnswer();
  return asm;
}

/** Leaves an i64 as an i32. */
const narrow =
  (asm: Assembler, value: Code): (() => void) =>
  () => {
    value();
    asm.op("i32.wrap_i64");
  };

/** Runs `body`, but not for a probed page while loads are probed. */
function unlessLoadsProbed(o: SlotOps, { probes, layout }: EngineFunctions, host: Local, body: () => void): void {
  if (probes === undefined) {
    body();
    return;
  }
  const { asm } = o.frame;
  asm.block((done) => {
    ifSet(asm, "probesLoads", () => {
      ifProbed(asm, layout, host, () => {
        asm.br(done);
      });
    });
    body();
  });
}

/** Keeps a translation, if PMP treats the whole page like this access. */
function fillTlb(o: SlotOps, tlb: number, kind: AccessKind, virtual: Code, physical: Code, host: Local): void {
  const { asm } = o.frame;
  const pageStart = o.and(physical, o.i64(PAGE_MASK));
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

/** Leaves both halves of an address as i32s: a call of JavaScript with an i64 makes a bigint. */
function pushHalves({ asm }: SlotOps, address: Code): void {
  address();
  asm.i64(32n);
  asm.op("i64.shr_u");
  asm.op("i32.wrap_i64");
  address();
  asm.op("i32.wrap_i64");
}
