// Runs the bundled command once, and keeps what V8 compiled of it: bin/load-command.js starts with that.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCommand } from "../bin/load-command.js";

const command = loadCommand();
if (command === undefined) throw new Error("nothing is built");
const guest = join(dirname(dirname(fileURLToPath(import.meta.url))), "guests/demo/demo.elf");
// Of what a run needs nothing is left to compile: the guest boots, prints, and powers off.
const code = await command.main(["run", "--quiet", "--memory", "8M", "--kernel", guest, "--append", "poweroff"]);
if (code !== 0) throw new Error(`the embedded guest ended with ${String(code)}`);
writeFileSync(command.cachePath, command.script.createCachedData());
