/** The library's own values as a caller hands them back, known by what they can do, whichever copy of it made them. */
import * as t from "io-ts";

import { having, list, text, value, whole } from "./codecs.js";

export const aMachine = having("a Machine", "position", "run", "apply", "listen");
export const aRecording = having("a Recording, as openRecording returns", "log", "openMachine", "at");
export const aState = having("a state, as machine.state() returns", "position", "config", "platform", "ram");
export const aHeader = having("a header, as openMachine returns", "machine", "images");
export const aSink = having("a sink, such as fileSink(path)", "write", "close");
export const aScheduler = having("a scheduler, such as virtualScheduler(machine)", "schedule", "now");
export const aHostTime = having("a HostTime", "wallNs", "monotonicMs", "after", "nextTurn");
export const aControl = having("a Control", "runUntil", "attach");
export const aBus = having("a bus", "load", "store");
export const symbols = list(having("a symbol", "name", "address"));
/** They may have more: what a recording tells of its images can be handed on. */
export const imageDigests = list(t.type({ role: text, path: text, size: whole, sha256: text }));
/** Bytes that lie somewhere, as a file's do. */
export const savedBytes: t.Type<unknown> = value(
  "a Uint8Array or a ByteSource",
  (given) => given instanceof Uint8Array || byteSource.is(given),
);

/** Disks of a machine by virtio slot; `members` are what each must have. */
export const disksBySlot = (...members: readonly string[]): t.Type<unknown> => {
  const disk = having("a disk", "byteLength", "read", ...members);
  return value(
    "a Map of disks by slot, as openMachine returns",
    (given) => given instanceof Map && [...given].every(([slot, one]) => whole.is(slot) && disk.is(one)),
  );
};

const byteSource = having("a ByteSource", "size", "read");
