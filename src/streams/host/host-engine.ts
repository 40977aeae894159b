/** The engine as this process has it: with a clock to measure compiling, and with interpreters that the build made. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { WasmEngine } from "../../machine/engine/wasm-engine.js";
import type { EngineFactory } from "../../machine/machine.js";

export const hostEngine: EngineFactory = (bus, ramBytes) =>
  new WasmEngine(bus, { ramBytes, nowMs: () => performance.now(), prebuilt });

/**
 * The bundled command has them beside it, under its own name, for the usual sizes of memory (scripts/code-cache.js):
 * generating one takes as long as all else until the guest runs. Elsewhere there are none.
 */
function prebuilt(name: string): Uint8Array<ArrayBuffer> | undefined {
  const bundle = /^(.*)\.cjs$/.exec(fileURLToPath(import.meta.url))?.[1];
  if (bundle === undefined) return undefined;
  try {
    return new Uint8Array(readFileSync(`${bundle}.${name}.wasm`));
  } catch {
    return undefined;
  }
}
