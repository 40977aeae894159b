/** A recording as a file. Whole segments are appended, and nothing is rewritten. */
import { openSync } from "node:fs";

import { check } from "../../options/check.js";
import { exactly, flag, maybe, text } from "../../options/codecs.js";
import { LogError, type LogSink } from "../store/log/index.js";
import { appendedFile, type AppendedFile } from "./appended-file.js";
import { openDevice } from "./open-device.js";
import { isDevice, openWhole, type WholeFile } from "./whole-file.js";
import { writeBehind } from "./write-at.js";
import { reasonOf } from "./reason.js";

export interface FileSinkOptions {
  /** Default: an existing file is not touched. */
  readonly overwrite?: boolean;
  /** What to say where the disk is full. Default: what was recorded is kept. */
  readonly remedy?: string;
}

/**
 * Creates the file with the first segment, so that a machine that can't be recorded leaves no empty file behind.
 * Writing throws LogError RECORDING_EXISTS if the file exists and `overwrite` is not set, and CANNOT_WRITE.
 */
export const fileSink = (path: string, options: FileSinkOptions = {}): LogSink => {
  check("fileSink", exactly<{ readonly path: string }>({ path: text }), { path });
  check("fileSink", exactly<FileSinkOptions>({ overwrite: maybe(flag), remedy: maybe(text) }), options);
  const { overwrite = false, remedy = KEPT } = options;
  let file: AppendedFile | undefined;
  return {
    write(bytes) {
      file ??= appendedFile(path, create(path, overwrite), { byteLength: 0, kept: remedy });
      file.write(bytes);
    },
    close() {
      file?.close();
      file = undefined;
    },
  };
};

/**
 * Writes a whole recording: `write` gets its sink, at once or by and by. The file is there once all of it is, and what
 * it replaces until then. Rejects with LogError as `fileSink`'s, and with what `write` throws: then there is no file.
 */
export async function writeRecording(
  path: string,
  overwrite: boolean,
  write: (sink: LogSink) => void | Promise<void>,
): Promise<void> {
  let whole: WholeFile | undefined;
  try {
    const { file } = (whole = openWhole(path, overwrite));
    let length = 0;
    await write({
      write(bytes) {
        writeBehind(file, bytes, length);
        length += bytes.length;
      },
      close: () => undefined,
    });
    whole.keep();
  } catch (cause) {
    whole?.discard();
    if (!(cause instanceof Error && "syscall" in cause)) throw cause;
    throw new LogError("CANNOT_WRITE", `${path} can't be written: ${reasonOf(cause)}`, {}, { cause });
  }
}

const KEPT = "what was recorded before is kept in it, make room and record again";

const create = (path: string, overwrite: boolean): number => {
  try {
    return isDevice(path) ? openDevice(path) : openSync(path, overwrite ? "w" : "wx");
  } catch (cause) {
    if (cause instanceof LogError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") {
      throw new LogError(
        "RECORDING_EXISTS",
        `${path} exists already; name another file, or overwrite it (--force; in a program: overwrite)`,
        {},
        { cause },
      );
    }
    throw new LogError("CANNOT_WRITE", `${path} can't be created: ${reasonOf(cause)}`, {}, { cause });
  }
};
