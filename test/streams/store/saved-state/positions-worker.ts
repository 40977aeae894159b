/**
 * A fresh process that loads many saved states of a recording, each into a machine of its own, with its sections in a
 * random order, and replays each to the end. Prints, as JSON, a line a state: its number, whether it saves the same
 * bytes, and the end's hash.
 */
import { closeSync, openSync, readSync } from "node:fs";

import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { replay } from "../../../../src/streams/past/replayer.js";
import { loadState, saveState } from "../../../../src/streams/store/saved-state/index.js";
import { framed, unframed } from "./framed-sections.js";
import { shuffled } from "./shuffled.js";
import { seededRandom } from "../../../support/seeded-random.js";

const [path = "", states = "", index = "[]", seed = "0"] = process.argv.slice(2);
const recording = openRecording(path);
const random = seededRandom(Number(seed));
const file = openSync(states, "r");
const machine = recording.openMachine();
for (const [number, offset, length] of JSON.parse(index) as [number, number, number][]) {
  const bytes = new Uint8Array(length);
  readSync(file, bytes, 0, length, offset);
  const { stateHash, sections } = unframed(bytes);
  const reordered = framed({ stateHash, sections: shuffled(sections, random) });
  machine.load(loadState(reordered, machine.state()));
  const isSame = Buffer.from(saveState(machine.state())).equals(bytes);
  replay(machine, recording.log);
  process.stdout.write(`${JSON.stringify({ number, isSame, hash: machine.hash().toString(16) })}\n`);
}
closeSync(file);
