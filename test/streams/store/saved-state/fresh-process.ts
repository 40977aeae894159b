/** Loads a state in a process of its own, goes on, and prints the hashes: the test's other half. */
import { readFileSync } from "node:fs";

import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { loadState, saveState } from "../../../../src/streams/store/saved-state/index.js";
import { demoOptions } from "../../../support/demo-guest.js";
import { goOn } from "./go-on.js";

const [path = "", insns = "0"] = process.argv.slice(2);
const { machine } = openMachine(demoOptions);
const saved = new Uint8Array(readFileSync(path));
machine.load(loadState(saved, machine.state()));
const again = saveState(machine.state());
goOn(machine, Number(insns), []);
process.stdout.write(`${String(Buffer.from(again).equals(saved))} ${machine.hash().toString(16)}\n`);
