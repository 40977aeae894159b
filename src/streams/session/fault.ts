/** What kind of fault an error of this library is, for those who answer each kind in another way. */
import { BootError } from "../../machine/boot/boot-error.js";
import { DiskReadError } from "../../machine/disk/disk-image.js";
import { Divergence } from "../../machine/divergence.js";
import { ForwardError } from "../host/net/router.js";
import { ServedFolderError } from "../host/net/served-folder.js";
import { StreamSocketError } from "../host/net/stream-socket.js";
import { ElfError } from "../../machine/elf.js";
import { FdtError } from "../../machine/fdt/decode.js";
import { CharacterDeviceError } from "../host/character-device.js";
import { OutputError } from "../host/output-error.js";
import { ImageError } from "../host/images.js";
import { LogError } from "../store/log/index.js";
import { FaultError, type Fault } from "./fault-kind.js";
import { OptionError } from "./machine-options.js";
import { BranchError } from "../past/branch/index.js";
import { PlaceError } from "../past/query/index.js";
import { PositionError } from "../past/replayer.js";
import { ScriptError } from "./script-file.js";
import { StateError } from "../store/saved-state/index.js";

export function faultOf(error: unknown): Fault {
  if (USAGE.some((kind) => error instanceof kind)) return "usage";
  if (error instanceof Divergence) return "divergence";
  if (error instanceof FaultError) return error.fault;
  if (error instanceof ImageError) return error.code === "IMAGE_UNWRITABLE" ? "output" : "file";
  if (error instanceof DiskReadError) return "file";
  if (error instanceof BootError || error instanceof ElfError || error instanceof FdtError) return "boot";
  if (error instanceof CharacterDeviceError || error instanceof OutputError) return "output";
  if (isNetworkError(error)) return "network";
  if (error instanceof LogError) return faultOfLog(error);
  if (error instanceof StateError) return "recording";
  return faultOfHost(error);
}

const USAGE = [OptionError, PositionError, PlaceError, ScriptError, BranchError];

/** What the host refuses is no fault of ours, wherever it was asked. */
function faultOfHost(error: unknown): Fault {
  if (!(error instanceof Error) || !("syscall" in error && "code" in error)) return "internal";
  return NO_ROOM.has(String(error.code)) ? "output" : "file";
}

const NO_ROOM = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EROFS"]);

const isNetworkError = (error: unknown): boolean =>
  error instanceof ForwardError || error instanceof ServedFolderError || error instanceof StreamSocketError;

function faultOfLog({ code }: LogError): Fault {
  switch (code) {
    case "CANNOT_READ":
      return "file";
    case "CANNOT_WRITE":
    case "RECORDING_EXISTS":
      return "output";
    case "NO_SUCH_SNAPSHOT":
    case "INVALID_NAME":
    case "NOT_CLOSED":
      return "usage";
    default:
      return "recording";
  }
}

/** The error as a divergence, if it is one. */
export const divergenceOf = (error: unknown): Divergence | undefined =>
  error instanceof Divergence ? error : undefined;
