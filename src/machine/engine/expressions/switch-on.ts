/** A jump table over sparse numbers. */
import type { Assembler, Label } from "../../wasm/assembler.js";

/** The code for these numbers. It leaves by itself. */
export type Case = readonly [numbers: readonly number[], emit: () => void];

export function switchOn(asm: Assembler, selector: () => void, cases: readonly Case[], otherwise: () => void): void {
  const size = Math.max(...cases.flatMap(([numbers]) => numbers)) + 1;
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
      const [numbers, emit] = entry;
      asm.block((label) => {
        for (const number of numbers) labels.set(number, label);
        nest(index + 1);
      });
      emit();
    };
    nest(0);
  });
  otherwise();
}
