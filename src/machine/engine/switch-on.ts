/** A jump table over sparse numbers. */
import type { Assembler, Label } from "../wasm/assembler.js";

/** Each case must leave by itself. */
export function switchOn(
  asm: Assembler,
  selector: () => void,
  cases: readonly (readonly [number, () => void])[],
  otherwise: () => void,
): void {
  const size = Math.max(...cases.map(([number]) => number)) + 1;
  asm.block((toDefault) => {
    const labels = new Map<number, Label>();
    const nest = (index: number): void => {
      const entry = cases[index];
      if (entry === undefined) {
        selector();
        asm.brTable(
          Array.from({ length: size }, (_, number) => labels.get(number) ?? toDefault),
          toDefault,
        );
        return;
      }
      asm.block((label) => {
        labels.set(entry[0], label);
        nest(index + 1);
      });
      entry[1]();
    };
    nest(0);
  });
  otherwise();
}
