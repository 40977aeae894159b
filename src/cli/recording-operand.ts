/** The recording that a command is about: a file, or what comes on standard input. */
import { readStream } from "../streams/host/read-stream.js";
import type { Stdio } from "../streams/host/stdio.js";
import type { Recording } from "../streams/past/recording.js";
import { openRecording, type RecordingOptions } from "../streams/session/open-recording.js";
import { requireImagesKept, type Given } from "./overwritten-input.js";
import { STANDARD_STREAM } from "./standard-stream.js";

interface Operands {
  readonly operands: readonly string[];
}

export const fileOf = ({ operands: [path = ""] }: Operands): string => path;

/** Its path, or its bytes. */
export async function sourceOf(args: Operands, { stdin }: Stdio): Promise<string | Uint8Array> {
  const path = fileOf(args);
  return path === STANDARD_STREAM ? readStream(stdin, "standard input") : path;
}

/**
 * A state index that can't be believed gets a line. What the command writes must not be an image of the recording.
 * @throws {LogError} @throws {UsageError}
 */
export async function openOperand(args: Given, stdio: Stdio, options: RecordingOptions = {}): Promise<Recording> {
  const recording = openRecording(await sourceOf(args, stdio), {
    onIndexIgnored: ({ path, what }) => {
      stdio.stderr.write(
        `foldvm: the states in ${path} are not used: ${what}; make them anew with foldvm index ${fileOf(args)}\n`,
      );
    },
    ...options,
  });
  requireImagesKept(args, recording.info.images, fileOf(args));
  return recording;
}
