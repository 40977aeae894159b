/** Loads that miss the TLB: translation, devices, and page crossings. */
import type { Assembler } from "../../wasm/assembler.js";
import { countUp } from "../counters.js";
import { functionFrame } from "../function-frame.js";
import { READ_TLB } from "../layout.js";
import { ifProbed } from "../probe-calls.js";
import { SlowAccess, type CrossingAccess } from "./slow-access.js";
import type { EngineFunctions } from "../slot-ops.js";
import { LOADS, WIDTHS } from "../wasm-ops.js";
import type { Word } from "../expressions/words.js";

/** (width: i32, virtual: i64) -> i64. `kind` is "store" for the read half of an AMO. */
export function loadSlowFunction(
  engine: EngineFunctions,
  { busLoad }: { readonly busLoad: number },
  hostAddress: number,
  kind: "load" | "store",
): Assembler {
  const { frame, inputs } = functionFrame(["i32", "i64"], "i64");
  const [width, virtual] = inputs;
  const access = new SlowAccess(frame, engine, hostAddress, { kind, width, virtual });
  const { o, w } = access;

  countUp(frame.w, "slowLoads");
  access.whenCrossing((crossing) => {
    loadCrossing(access, crossing);
  });
  const { physical, host } = access.translated();
  w.when(host, () => {
    // The read half of an AMO fills no entry, because its store comes next and does what a store must do.
    if (kind === "load") {
      unlessLoadsProbed(access, host, () => {
        access.fillTlb(READ_TLB, physical, host);
      });
    }
    tellLoaded(access, host, width);
    for (const bytes of WIDTHS) {
      access.ifWidth(bytes, () => {
        w.return(w.load(LOADS[bytes], host));
      });
    }
  });
  access.requireAligned();
  const value = o.bind(w.result(busLoad, ...access.halves(physical), width));
  access.requireAnswer();
  value();
  return frame.asm;
}

/** Byte by byte. */
function loadCrossing(access: SlowAccess, crossing: CrossingAccess): void {
  const { o, w } = access;
  const { firstBytes, first, second } = crossing;
  tellLoaded(access, first, w.low(firstBytes));
  tellLoaded(access, second, w.low(o.sub(access.bytes, firstBytes)));
  const index = o.variable(o.i64(0n));
  const value = o.variable(o.i64(0n));
  o.loop(
    () => o.ltU(index.get(), access.bytes),
    () => {
      const byte = w.load("i64.load8_u", access.byteAddress(index.get(), crossing));
      value.set(o.or(value.get(), o.shl(byte, o.shl(index.get(), o.i64(3n)))));
      index.set(o.add(index.get(), o.i64(1n)));
    },
  );
  w.return(value.get());
}

function tellLoaded({ o, w, engine }: SlowAccess, from: Word, width: Word): void {
  const { probes, layout } = engine;
  if (probes === undefined) return;
  w.when(w.control("probesLoads"), () => {
    ifProbed(w, layout, from, () => {
      w.call(probes.probeLoaded, from, width);
    });
    // Whoever was told may have stopped the hart before the instruction.
    o.frame.resumeOrLeave();
  });
}

/** Runs `body`, but not for a probed page while loads are probed. */
function unlessLoadsProbed({ w, engine }: SlowAccess, host: Word, body: () => void): void {
  const { probes, layout } = engine;
  if (probes === undefined) {
    body();
    return;
  }
  w.block((done) => {
    w.when(w.control("probesLoads"), () => {
      ifProbed(w, layout, host, () => {
        w.asm.br(done);
      });
    });
    body();
  });
}
