/** A process that replays the recording of its argument, and says what it came to as JSON. */
import { openRecording } from "../../src/streams/session/open-recording.js";
import { digestOf, type RunDigest } from "./run-digest.js";

const [path = ""] = process.argv.slice(2);
const recording = openRecording(path);
const machine = recording.openMachine();
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
