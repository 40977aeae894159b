// Keeps beside the bundled command what each start would make anew: the interpreter for the usual sizes of memory
// (src/streams/host-engine.ts reads it), and what V8 compiled of the command when it ran once (bin/load-command.js).
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCommand } from "../bin/load-command.js";

const command = loadCommand();
if (command === undefined) throw new Error("nothing is built");
const bundle = command.cachePath.replace(/\.cache$/, "");
const { interpreterFor } = await import("../dist/machine/engine/wasm-engine.js");
for (const mebibytes of [8, 64, 128, 256, 512, 1024]) {
  const { name, make } = interpreterFor({ ramBytes: mebibytes * 2 ** 20 });
  writeFileSync(`${bundle}.${name}.wasm`, make());
}
const guest = join(dirname(dirname(fileURLToPath(import.meta.url))), "guests/demo/demo.elf");
// Of what a run needs nothing is left to compile: the guest boots, prints, and powers off.
const code = await command.main(["run", "--quiet", "--kernel", guest, "--append", "poweroff"]);
if (code !== 0) throw new Error(`the embedded guest ended with ${String(code)}`);
writeFileSync(command.cachePath, command.script.createCachedData());
