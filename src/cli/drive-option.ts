/** --drive, as QEMU writes it. */
import type { DriveOptions } from "../streams/host/disks/drives.js";
import { KeyValues } from "./key-values.js";
import { UsageError } from "./problems.js";

const KEYS =
  "file=FILE, format=raw or qcow2, readonly=on or off, serial=TEXT, snapshot=on, writeback=on or off, if=virtio or none, " +
  "id=TEXT, media=disk or cdrom, cache=, aio=, discard=, detect-zeroes=";

export interface Drive {
  readonly options: DriveOptions;
  readonly id: string | undefined;
  /** It waits for a --device that names its id. */
  readonly isUnplugged: boolean;
}

/** @throws {UsageError} */
export function driveOption(text: string): Drive {
  const values = new KeyValues("--drive", text, "file");
  const format = values.choice("format", ["raw", "qcow2"]);
  const [readonly, readOnly] = [values.flag("readonly"), values.flag("read-only")];
  const [snapshot, writeback] = [values.flag("snapshot"), values.flag("writeback")];
  const serial = values.one("serial");
  const kind = values.choice("if", ["virtio", "none"]);
  const media = values.choice("media", ["disk", "cdrom"]);
  const id = values.one("id");
  takeHostCaching(values);
  values.finish(`use ${KEYS}`);
  if (values.word === "") throw new UsageError("--drive: which file? Name it with file=FILE");
  if (snapshot === false && writeback !== true)
    throw new UsageError("--drive snapshot=off: say writeback=on to have the image changed when the session ends");
  return {
    options: {
      file: values.word,
      format,
      readonly: readonly ?? readOnly ?? (media === "cdrom" ? true : undefined),
      serial,
      writeback,
    },
    id,
    isUnplugged: kind === "none",
  };
}

/** How QEMU treats the host's file: the guest can't tell, and the file is read here and never written meanwhile. */
function takeHostCaching(values: KeyValues): void {
  values.choice("cache", ["writeback", "writethrough", "none", "directsync", "unsafe"]);
  values.choice("aio", ["threads", "native", "io_uring"]);
  values.choice("discard", ["ignore", "off", "unmap", "on"]);
  values.choice("detect-zeroes", ["off", "on", "unmap"]);
  values.choice("file.locking", ["auto", "on", "off"]);
}
