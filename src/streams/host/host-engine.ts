/** The engine for this process: with a clock to time compilation, and with interpreters that the build made. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { EngineOptions } from "../../machine/engine/engine.js";
import { WasmEngine } from "../../machine/engine/wasm-engine.js";
import type { EngineFactory } from "../../machine/engine/engine.js";
import { check } from "../../options/check.js";
import { anyObject, exactly, maybe } from "../../options/codecs.js";

export const hostEngine: EngineFactory = (bus, options) => {
  check("hostEngine", OPTIONS, { options });
  return new WasmEngine(bus, { ...options, nowMs: () => performance.now(), prebuilt });
};

const OPTIONS = exactly<{ readonly options: EngineOptions }>({ options: maybe(anyObject) });

/**
 * The build has put interpreters for the usual sizes of memory beside the bundled command (scripts/code-cache.js):
 * generating one takes as long as the rest of a start. Where the sources run as they are, there are none.
 */
function prebuilt(name: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(`${bundle()}.${name}.wasm`));
  } catch {
    return undefined;
  }
}

/** The bundle of this build, without its ending: this file is in it, or a module of the library beside it. */
function bundle(): string {
  const here = fileURLToPath(import.meta.url);
  if (here.endsWith(".cjs")) return here.slice(0, -".cjs".length);
  const folder = join(dirname(here), "../../command");
  return join(folder, readFileSync(join(folder, "current"), "utf8"));
}
