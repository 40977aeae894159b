/** A local of a function under construction, as an expression that can be assigned. */
import type { Assembler, Local } from "../../wasm/assembler.js";

/** Called, it leaves its value. */
export interface LocalVariable {
  (): void;
  readonly set: (value: () => void) => void;
  /** Sets it, and leaves its new value. */
  readonly tee: (value: () => void) => () => void;
}

export function localVariable(asm: Assembler, local: Local): LocalVariable {
  const get = (): void => {
    asm.get(local);
  };
  const set = (value: () => void): void => {
    value();
    asm.set(local);
  };
  const tee = (value: () => void) => (): void => {
    value();
    asm.tee(local);
  };
  return Object.assign(get, { set, tee });
}
