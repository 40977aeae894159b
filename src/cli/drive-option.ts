/** --drive, as QEMU writes it. */
import type { DriveOptions } from "../streams/host/disks/drives.js";
import { UsageError } from "./arguments.js";
import { KeyValues } from "./key-values.js";

const KEYS =
  "file=FILE, format=raw or qcow2, readonly=on or off, read-only=on or off, serial=TEXT, snapshot=on, writeback=on or off, " +
  "if=virtio or none, id=TEXT, media=disk";

/** @throws {UsageError} */
export function driveOption(text: string): DriveOptions {
  const values = new KeyValues("--drive", text, "file");
  const format = values.choice("format", ["raw", "qcow2"]);
  const [readonly, readOnly] = [values.flag("readonly"), values.flag("read-only")];
  const [snapshot, writeback] = [values.flag("snapshot"), values.flag("writeback")];
  const serial = values.one("serial");
  // QEMU's, with the values that mean here what they mean there.
  values.choice("if", ["virtio", "none"]);
  values.choice("media", ["disk"]);
  values.one("id");
  values.finish(`use ${KEYS}`);
  if (values.word === "") throw new UsageError("--drive: which file? Name it with file=FILE");
  if (snapshot === false && writeback !== true)
    throw new UsageError("--drive snapshot=off: say writeback=on to have the image changed when the session ends");
  return { file: values.word, format, readonly: readonly ?? readOnly, serial, writeback };
}
