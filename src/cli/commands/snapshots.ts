/** `foldvm snapshots`: the named states in a recording. */
import type { Recording } from "../../streams/past/recording.js";
import { writePieces } from "../../streams/host/pieces-file.js";
import { requireFree } from "../../streams/host/whole-file.js";
import { deletedWords, savedWords } from "../../streams/session/snapshot-words.js";
import type { Arguments } from "../arguments.js";
import { UsageError } from "../problems.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, count } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { fileOf, openOperand } from "../recording-operand.js";
import { requireFile } from "../standard-stream.js";
import { placeOption, type PlaceOption } from "../values.js";

const OPTIONS = {
  save: { value: "NAME", help: "put the state at --at into the recording; one of that name is replaced" },
  at: { value: "WHERE", help: "an instruction count, /TEXT/, ... (end)" },
  delete: { value: "NAME", help: "forget one; its bytes stay, since a recording is only ever appended to" },
  extract: { value: "NAME", help: "write one to a file of its own, with -o" },
  output: { short: "o", value: "STATE", file: "written", help: "that file" },
  force: { short: "f", help: "overwrite it" },
  json: { help: "the list as one JSON array" },
  ...RECORDING_OPTIONS,
} as const;

type SnapshotArguments = Arguments<typeof OPTIONS>;

export const snapshots = command({
  name: "snapshots",
  operand: "FILE",
  summary: "Lists, saves, deletes or extracts the named states in a recording.",
  options: OPTIONS,
  notes:
    "A snapshot makes seeking behind it fast, and is a starting point: foldvm record --from FILE#NAME -o OTHER\n" +
    "Example: foldvm snapshots boot.fold --save booted --at 1500000000\n",
  read(args) {
    const actions = (["save", "delete", "extract"] as const).filter((name) => args.has(name));
    if (actions.length > 1) throw new UsageError(`--${actions.join(" and --")}: one at a time`);
    if (args.has("at") && !args.has("save")) throw new UsageError("--at says where to --save");
    const [action] = actions;
    const at = placeOption("--at", args.get("at"));
    if (action === "extract" && !args.has("output")) throw new UsageError("where to? Name the file with -o STATE");
    requireFile("-o", args.get("output"), "what was done is printed there");
    return async (stdio) => {
      const { stdout } = stdio;
      const recording = await openOperand(args, stdio, recordingOptions(args));
      if (action !== undefined) stdout.write(`${ACTIONS[action](recording, args.get(action) ?? "", args, at)}\n`);
      else if (args.has("json")) stdout.write(`${JSON.stringify(recording.info.snapshots, undefined, 2)}\n`);
      else stdout.write(table(recording));
      return EXIT.done;
    };
  },
});

const ACTIONS = {
  save: (recording: Recording, name: string, args: SnapshotArguments, at: PlaceOption): string => {
    const replaced = recording.snapshots.find((other) => other.name === name);
    const saved = recording.saveSnapshot(name, at(recording));
    return savedWords({ saved, replaced, file: fileOf(args) }, count);
  },
  delete: (recording: Recording, name: string, args: SnapshotArguments): string => {
    recording.forgetSnapshot(name);
    return deletedWords(name, fileOf(args));
  },
  extract: (recording: Recording, name: string, args: SnapshotArguments): string => {
    const path = args.get("output") ?? "";
    requireFree(path, args.has("force"));
    const state = recording.log.readSnapshot(name);
    writePieces(path, [state], args.has("force"));
    return `extracted ${name} into ${path}: ${bytes(state.length)}`;
  },
} as const;

export function table({ info }: Pick<Recording, "info">): string {
  if (info.snapshots.length === 0) return "There is no snapshot.\n";
  const rows = info.snapshots.map(({ name, seq, icount, size, stateHash }) => [
    name,
    count(icount),
    count(seq),
    bytes(size),
    stateHash,
  ]);
  const all = [["NAME", "INSTRUCTION", "EVENT", "SIZE", "STATE HASH"], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
