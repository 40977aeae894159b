import { createHash } from "node:crypto";
const h = createHash("sha256"); let n = 0;
const Real = WebAssembly.Module;
(WebAssembly as any).Module = class { constructor(b: Uint8Array) { h.update(b); n += b.length; return new Real(b as any) as any; } };
const { interpreterFor } = await import("./src/machine/engine/wasm-engine.js");
for (const o of [{ ramBytes: 1 << 28 }, { ramBytes: 1 << 20, codePages: 2, compileThreshold: 3 }]) console.log(createHash("sha256").update(interpreterFor(o).make()).digest("hex").slice(0, 16));
const { openMachine } = await import("./src/index.js");
for (const p of ["mix", "sort", "dmatrix", "sv39", "copy"]) { const { machine } = openMachine({ memory: "64M", kernel: `guests/bench/elf/${p}.elf`, seed: "x" }); machine.run(300_000_000); }
console.log(n, h.digest("hex").slice(0, 16));
