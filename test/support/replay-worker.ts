/**
 * A process that replays the recording of its first argument, on the setting of the engine that the second one names,
 * and says what it came to as JSON.
 */
import { openRecording } from "../../src/streams/session/open-recording.js";
import { ENGINE_SETTINGS, machineOn } from "./engine-settings.js";
import { digestOf, type RunDigest } from "./run-digest.js";
import { seededRandom } from "./seeded-random.js";

const [path = "", settingName, seed = "0"] = process.argv.slice(2);
const recording = openRecording(path);
const setting = ENGINE_SETTINGS.find(({ name }) => name === settingName);
if (setting === undefined && settingName !== undefined) throw new Error(`no setting of the engine is "${settingName}"`);
const machine = recording.openMachine(setting && machineOn(setting, seededRandom(Number(seed))));
const console: Uint8Array[] = [];
const hashes: RunDigest["hashes"][number][] = [];
machine.listen((effect) => {
  if (effect.type === "console/transmitted") console.push(effect.bytes);
});
recording.replay$(machine).subscribe({
  next: ({ seq, icount, type }) => {
    if (type === "checkpoint/hashed") hashes.push([seq, icount, machine.hash().toString(16)]);
  },
  error: (fault: unknown) => {
    process.stderr.write(`${String(fault)}\n`);
    process.exitCode = 1;
  },
  complete: () => {
    process.stdout.write(JSON.stringify(digestOf(machine, hashes, Buffer.concat(console))));
  },
});
