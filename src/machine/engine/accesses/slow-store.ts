/** Stores that miss the TLB: translation, devices, page crossings, and watched pages. */
import type { Assembler } from "../../wasm/assembler.js";
import type { Code } from "../expressions/compiled-values.js";
import { countUp } from "../counters.js";
import { functionFrame } from "../function-frame.js";
import { WRITE_TLB } from "../layout.js";
import { ifProbed } from "../probe-calls.js";
import { SlowAccess, type CrossingAccess } from "./slow-access.js";
import type { EngineFunctions } from "../slot-ops.js";
import type { Word } from "../expressions/words.js";

/** (width: i32, virtual: i64, value: i64). */
export function storeSlowFunction(
  engine: EngineFunctions,
  { busStore }: { readonly busStore: number },
  hostAddress: number,
  writeWatched: number,
): Assembler {
  const { frame, inputs } = functionFrame(["i32", "i64", "i64"], undefined);
  const [width, virtual, value] = inputs;
  const { slot } = frame;
  const access = new SlowAccess(frame, engine, hostAddress, { kind: "store", width, virtual });
  const { w } = access;

  countUp(frame.w, "slowStores");
  access.whenCrossing((crossing) => {
    storeCrossing(access, crossing, value, writeWatched);
  });
  const { physical, host } = access.translated();
  w.when(host, () => {
    whenRam(access, host, () => {
      tellStored(access, host, width, value);
      const needsNoWatch = w.result(writeWatched, slot, width, host, value);
      w.when(needsNoWatch, () => {
        access.fillTlb(WRITE_TLB, physical, host);
      });
    });
    w.return();
  });
  access.requireAligned();
  w.call(busStore, ...access.halves(physical), width, value);
  access.requireAnswer();
  return frame.asm;
}

/** Byte by byte. */
function storeCrossing(access: SlowAccess, crossing: CrossingAccess, value: Code, writeWatched: number): void {
  const { o, w } = access;
  const { firstBytes, first, second } = crossing;
  /** The value without that many bytes. */
  const behind = (bytes: Code): Code => o.shrU(value, o.shl(bytes, o.i64(3n)));
  tellStored(access, first, w.low(firstBytes), value);
  tellStored(access, second, w.low(o.sub(access.bytes, firstBytes)), behind(firstBytes));
  const index = o.variable(o.i64(0n));
  const target = w.variable();
  o.loop(
    () => o.ltU(index.get(), access.bytes),
    () => {
      target.set(access.byteAddress(index.get(), crossing));
      whenRam(access, target, () => {
        w.drop(w.result(writeWatched, o.frame.slot, w.i32(1), target, behind(index.get())));
      });
      index.set(o.add(index.get(), o.i64(1n)));
    },
  );
  w.return();
}

/** ROM ignores writes silently. */
function whenRam({ w, engine }: SlowAccess, address: Word, body: () => void): void {
  w.when(w.ltU(address, w.i32(engine.layout.rom)), body);
}

function tellStored({ o, w, engine }: SlowAccess, to: Word, width: Word, stored: Code): void {
  const { probes, layout } = engine;
  if (probes === undefined) return;
  ifProbed(w, layout, to, () => {
    w.call(probes.probeStored, to, width, stored);
    // Whoever was told may have stopped the hart before the instruction.
    o.frame.resumeOrLeave();
  });
}
