/** Where physical memory lies in the engine's. */
import type { Assembler } from "../../wasm/assembler.js";
import { CompiledValues } from "../expressions/compiled-values.js";
import { functionFrame } from "../function-frame.js";
import { RAM_BASE, ROM_BASE, ROM_BYTES, type Layout } from "../layout.js";
import { localVariable } from "../expressions/local-variable.js";

/** (physical: i64) -> i32: the address in this memory, or 0 if there is neither RAM nor ROM. */
export function hostAddressFunction(layout: Layout): Assembler {
  const { frame, inputs } = functionFrame(["i64"], "i32");
  const [physical] = inputs;
  const { asm, w } = frame;
  const v = new CompiledValues(asm);
  const offset = localVariable(asm, asm.local("i64"));
  const within = (base: number, bytes: number, host: number): void => {
    w.when(v.ltU(offset.tee(v.sub(physical, v.i64(BigInt(base)))), v.i64(BigInt(bytes))), () => {
      w.return(w.add(w.low(offset), w.i32(host)));
    });
  };
  within(RAM_BASE, layout.ramBytes, layout.ram);
  within(ROM_BASE, ROM_BYTES, layout.rom);
  asm.i32(0);
  return asm;
}
