/** The engine for this process: with a clock to time compilation, and with interpreters that the build made. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { EngineOptions } from "../../machine/engine/engine.js";
import { WasmEngine } from "../../machine/engine/wasm-engine.js";
import type { EngineFactory } from "../../machine/machine.js";
import { check } from "../../options/check.js";
import { anyObject, exactly, maybe } from "../../options/codecs.js";

export const hostEngine: EngineFactory = (bus, options) => {
  check("hostEngine", OPTIONS, { options });
  return new WasmEngine(bus, { ...options, nowMs: () => performance.now(), prebuilt });
};

const OPTIONS = exactly<{ readonly options: EngineOptions }>({ options: maybe(anyObject) });

/**
 * The bundled command has interpreters for the usual sizes of memory in files beside it (scripts/code-cache.js):
 * generating one takes as long as the rest of a start. Elsewhere there are none.
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
