/** What a client's `launch` says, as words of `foldvm record`. */
import { either, flag, list, maybe, text, whole } from "../../../options/codecs.js";
import type { Given } from "./launcher.js";
import { checked } from "./request.js";

interface Launch {
  readonly output: string;
  readonly force?: boolean;
  readonly bios?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly dtb?: string;
  readonly append?: string;
  readonly memory?: string | number;
  readonly smp?: number;
  readonly seed?: string;
  readonly drives?: readonly string[];
  /** Any more words. */
  readonly args?: readonly string[];
}

const MEMBERS = {
  output: text,
  force: maybe(flag),
  bios: maybe(text),
  kernel: maybe(text),
  initrd: maybe(text),
  dtb: maybe(text),
  append: maybe(text),
  memory: maybe(either("a size, such as 256M", text, whole)),
  smp: maybe(whole),
  seed: maybe(text),
  drives: maybe(list(text)),
  args: maybe(list(text)),
};

/** It waits at its start for what is to be set. @throws {OptionError} */
export function launchWords(given: Given): readonly string[] {
  const { force = false, drives = [], args = [], ...named } = checked<Launch>(MEMBERS, given);
  const words = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  return [
    ...words,
    ...(force ? ["--force"] : []),
    ...drives.flatMap((drive) => ["--drive", drive]),
    ...args,
    "--stopped",
  ];
}
