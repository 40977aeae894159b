/** `--svg FILE`: a picture that a command writes. */
import { writePieces } from "../streams/host/pieces-file.js";

/** @throws {LogError} RECORDING_EXISTS, CANNOT_WRITE */
export const writePicture = (path: string, svg: string, overwrite: boolean): number =>
  writePieces(path, [new TextEncoder().encode(svg)], overwrite);
