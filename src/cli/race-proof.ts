/** Proves that a recorded run fails in the same way every time: replays here, one in a fresh process, equal states. */
import { hex64 } from "../reducers/hex.js";
import { ownProcess } from "../streams/host/own-command.js";
import type { Output } from "../streams/host/stdio.js";
import type { Recording } from "../streams/past/recording.js";
import type { KeptRun } from "../streams/session/demo.js";
import { openRecording } from "../streams/session/open-recording.js";
import { playRecording } from "../streams/session/playback.js";
import { EXIT } from "./exit-codes.js";
import { bytes, count, counted } from "./figures.js";

const REPLAYS = 5;

/** Answers whether all was the same. */
export async function proveSame({ file, console: printed }: KeptRun, stdout: Output): Promise<boolean> {
  const recording = openRecording(file);
  const { instructions, events, bytes: size, stateHash: recorded } = recording.info;
  stdout.write(`\nThe failing run, recorded:  ${file}\n`);
  stdout.write(`  ${counted(instructions, "instruction")}, ${counted(events, "event")}, in ${bytes(size)}\n`);
  stdout.write(`  state hash ${String(recorded)}  recorded\n`);
  let isSame = true;
  const tell = (hash: string, how: string, isEqual: boolean): void => {
    isSame &&= isEqual;
    stdout.write(`             ${hash.padEnd(16)}  ${how}${isEqual ? "" : "  DIFFERS"}\n`);
  };
  for (let number = 1; number <= REPLAYS; number++) {
    const { hash, took, console } = await replayed(recording);
    tell(hash, `replay ${String(number)}: ${took}`, hash === recorded && console === printed);
  }
  recording.close();
  const { hash, said } = await verifiedElsewhere(file);
  tell(hash, `verify in a fresh process: ${said}`, hash === recorded);
  return isSame;
}

interface Replayed {
  readonly hash: string;
  readonly took: string;
  readonly console: string;
}

async function replayed(recording: Recording): Promise<Replayed> {
  let console = "";
  const heard = (bytes: Uint8Array): void => {
    console += Buffer.from(bytes).toString("latin1");
  };
  const { stateHash, elapsedMs } = await playRecording(recording, { heard });
  return { hash: hex64(stateHash), took: `${(elapsedMs / 1000).toFixed(2)} s`, console };
}

async function verifiedElsewhere(file: string): Promise<{ readonly hash: string; readonly said: string }> {
  const { code, stdout, stderr } = await ownProcess(["verify", file, "--json"]);
  if (code !== EXIT.done) return { hash: "", said: (stderr || stdout).trim() };
  const { stateHash, stateHashes } = JSON.parse(stdout) as { stateHash: string; stateHashes: number };
  return { hash: stateHash, said: hashesAgree(stateHashes) };
}

const hashesAgree = (hashes: number): string =>
  hashes === 1 ? "1 state hash on the way agrees, too" : `${count(hashes)} state hashes on the way agree, too`;
