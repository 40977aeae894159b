// Keeps beside the bundled command what each start would make anew: the interpreter for the usual sizes of memory
// (src/streams/host/host-engine.ts reads it), and what V8 compiled of the command when it ran once
// (bin/load-command.js).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import loader from "../bin/load-command.js";

// Collections must not take away what ran only at the start.
setFlagsFromString("--no-flush-bytecode");
const command = loader.loadCommand();
if (command === undefined) throw new Error("nothing is built");
const bundle = command.cachePath.replace(/\.cache$/, "");
const { interpreterFor } = await import("../dist/machine/engine/wasm-engine.js");
for (const mebibytes of [8, 64, 128, 256, 512, 1024]) {
  const { name, makeAhead } = interpreterFor({ ramBytes: mebibytes * 2 ** 20 });
  writeFileSync(`${bundle}.${name}.wasm`, makeAhead());
}
const guest = join(dirname(dirname(fileURLToPath(import.meta.url))), "guests/demo/demo.elf");
// Of what a recording and its replay need nothing is left to compile: the guest boots, computes until regions are made
// of it, and powers off.
const folder = mkdtempSync(join(tmpdir(), "foldvm-"));
const recording = join(folder, "guest.fold");
try {
  for (const argv of [
    ["record", "--quiet", "--output", recording, "--kernel", guest, "--append", "memtest; poweroff"],
    ["replay", "--quiet", recording],
  ]) {
    const code = await command.main(argv);
    if (code !== 0) throw new Error(`the embedded guest ended with ${String(code)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
  // V8 does not take code that was made under other flags.
  setFlagsFromString("--flush-bytecode");
}
writeFileSync(command.cachePath, command.script.createCachedData());
