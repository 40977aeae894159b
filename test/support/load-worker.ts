/**
 * A new process that loads saved states of a recording, each with its sections in a random order, and replays each to
 * where its argument says. Prints, as JSON, a line a state: its number, whether it saves the same bytes, and the hash
 * where it ended.
 */
import { closeSync, openSync, readSync } from "node:fs";

import type { Until } from "../../src/streams/past/until.js";
import { replay } from "../../src/streams/past/replayer.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { loadState, saveState } from "../../src/streams/store/saved-state/index.js";
import { framed, unframed } from "./framed-sections.js";
import { seededRandom } from "./seeded-random.js";
import { shuffled } from "./shuffled.js";

/** Where a state lies in the file, and where its replay ends; absent: at the recording's end. */
export interface StateToLoad {
  readonly number: number;
  readonly offset: number;
  readonly length: number;
  readonly until?: Until;
}

const [path = "", states = "", index = "[]", seed = "0"] = process.argv.slice(2);
const recording = openRecording(path);
const random = seededRandom(Number(seed));
const file = openSync(states, "r");
const machine = recording.openMachine();
for (const { number, offset, length, until } of JSON.parse(index) as StateToLoad[]) {
  const bytes = new Uint8Array(length);
  readSync(file, bytes, 0, length, offset);
  const { stateHash, sections } = unframed(bytes);
  const reordered = framed({ stateHash, sections: shuffled(sections, random) });
  machine.load(loadState(reordered, machine.state()));
  const isSame = Buffer.from(saveState(machine.state())).equals(bytes);
  replay(machine, recording.log, until);
  process.stdout.write(`${JSON.stringify({ number, isSame, hash: machine.hash().toString(16) })}\n`);
}
closeSync(file);
