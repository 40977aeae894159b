/** The command as a process, from the sources: what bin/foldvm.js is for the built ones. */
import { main } from "../../src/cli/main.js";

process.exitCode = await main(process.argv.slice(2));
