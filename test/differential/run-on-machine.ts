/** Runs an image on our Machine, with any of its engines. */
import { initialState } from "../../src/machine/initial-state.js";
import { Machine } from "../../src/machine/machine.js";
import type { EngineFactory } from "../../src/machine/engine/engine.js";
import { MEMORY_BYTES } from "./slot.js";

/** Far more than any image needs: a case that does not end stops here. */
const MAX_ICOUNT = 100_000_000;

/** The bytes of RAM at the end, be it the guest's or the budget's. */
export function runOnMachine(
  image: Uint8Array,
  engine?: EngineFactory,
): { readonly ram: Uint8Array; readonly ended: boolean } {
  const config = { memoryBytes: MEMORY_BYTES, harts: 1, shift: 0, append: null, rngSeed: "", virtio: [] };
  const machine = new Machine(initialState(config, { bios: image }), engine === undefined ? {} : { engine });
  const ramNow = (): Uint8Array => machine.state().ram.read(0, MEMORY_BYTES);
  for (;;) {
    const stop = machine.run(MAX_ICOUNT);
    if (stop === "off") return { ram: ramNow(), ended: true };
    const due = stop === "due" ? machine.due() : undefined;
    if (due === undefined) return { ram: ramNow(), ended: false };
    machine.apply(due);
  }
}
