/** `foldvm info`: what a recording or a saved state is, without running it. */
import { openRecording } from "../../streams/session/open-recording.js";
import type { ImageInfo, RecordingInfo } from "../../streams/past/recording-info.js";
import { savedState } from "../../streams/host/state-file.js";
import { familyOf, NO_FAMILY, type Ancestor, type Family, type Offspring } from "../../streams/session/family.js";
import type { SavedStateInfo } from "../../streams/store/saved-state/index.js";
import { branchesSvg, type BranchLine } from "../../streams/past/pictures/index.js";
import { command } from "../command.js";
import { fileOf, sourceOf } from "../recording-operand.js";
import { EXIT } from "../exit-codes.js";
import { writePicture } from "../picture.js";
import { UsageError } from "../problems.js";
import { bytes, count, counted, place } from "../figures.js";
import { hex64 } from "../../reducers/hex.js";

export const info = command({
  name: "info",
  operand: "FILE",
  summary: "Says what a recording or a saved state is, without running it.",
  options: {
    json: { help: "as one JSON object" },
    svg: { value: "FILE", file: "written", help: "a picture of it and its branches; it must not exist yet" },
    force: { short: "f", help: "overwrite it" },
  },
  read: (args) => async (stdio) => {
    const path = fileOf(args);
    const source = await sourceOf(args, stdio);
    const state = savedState(source);
    const json = (facts: unknown): string => `${JSON.stringify(facts, undefined, 2)}\n`;
    const svg = args.get("svg");
    if (state !== undefined) {
      if (svg !== undefined) throw new UsageError(`--svg: ${path} is a saved state, and has no branches`);
      stdio.stdout.write(args.has("json") ? json(stateJson(state)) : describeSaved(path, state));
      return EXIT.done;
    }
    const { info: facts } = openRecording(source);
    const family = typeof source === "string" ? familyOf(source, facts) : NO_FAMILY;
    if (svg !== undefined) writePicture(svg, branchesSvg(treeOf(path, facts, family)), args.has("force"));
    stdio.stdout.write(args.has("json") ? json({ ...facts, ...family }) : describe(path, facts, family));
    return EXIT.done;
  },
});

/** From the farthest that it is a branch of. */
function treeOf(path: string, facts: RecordingInfo, { ancestors, branches }: Family): BranchLine {
  const [parent] = ancestors;
  const own: BranchLine = {
    title: basename(path),
    from: parent?.icount ?? facts.start.icount,
    until: facts.instructions,
    label: [...(parent?.changes ?? []), endOf(facts)].join("; "),
    branches: branches.map(branchLine),
  };
  return ancestors.reduce<BranchLine>((below, { path: name, end }, index) => {
    const above = ancestors[index + 1];
    const label = [...(above?.changes ?? []), ...(end === null ? [] : [endOf(end)])].join("; ");
    return { title: basename(name), from: above?.icount ?? 0, until: end?.instructions, label, branches: [below] };
  }, own);
}

const branchLine = ({ path, icount, changes, end, branches }: Offspring): BranchLine => ({
  title: basename(path),
  from: icount,
  until: end?.instructions,
  label: [...changes, ...(end === null ? [] : [endOf(end)])].join("; "),
  branches: branches.map(branchLine),
});

/** As paths are written on any host. */
const basename = (path: string): string => (path === "" ? "bytes" : (path.split(/[\\/]/).at(-1) ?? path));

const stateJson = ({ machine, images, position, stateHash, bytes: size, sections }: SavedStateInfo): object => ({
  machine,
  images,
  ...position,
  stateHash: hex64(stateHash),
  bytes: size,
  sections,
});

function describeSaved(
  path: string,
  { machine, images, position, stateHash, bytes: size, sections }: SavedStateInfo,
): string {
  return aligned([
    ["saved state", `${path}, ${bytes(size)} in ${counted(sections, "section")}`],
    ["position", place(position)],
    ["state hash", hex64(stateHash)],
    ...machineRows(machine, images ?? []),
  ]);
}

function describe(path: string, facts: RecordingInfo, family: Family): string {
  const { machine, start, snapshots } = facts;
  const rows: [string, string][] = [
    [
      "recording",
      `${path}, ${bytes(facts.bytes)} in ${counted(facts.segments, "segment")}, format ${String(facts.formatVersion)}`,
    ],
    ["instructions", count(facts.instructions)],
    ["events", count(facts.events)],
    ["state hash", facts.stateHash ?? "none"],
    ["ended", facts.complete ? endOf(facts) : "cut off: it was not closed, and replays up to its last whole segment"],
    ...(start.icount === 0 && start.seq === 0 ? [] : [["begins", place(start)] as [string, string]]),
    ...(snapshots.length === 0
      ? []
      : [["snapshots", snapshots.map(({ name }) => name).join(", ")] as [string, string]]),
    ...family.ancestors.map((ancestor, index): [string, string] => {
      const isSame = index === 0 && ancestor.icount === facts.instructions && ancestor.seq === facts.events;
      return ["branch of", `${describeAncestor(ancestor)}${isSame ? ": all of it; nothing is otherwise" : ""}`];
    }),
    ...branchRows(family.branches, 0),
    ...machineRows(machine, facts.images),
  ];
  return aligned(rows);
}

const describeAncestor = ({ path, isFound, ...rest }: Ancestor): string =>
  `${path === "" ? "a recording without a file (an unsaved branch, or bytes)" : path}${isFound ? "" : ", which is not there"}, ${differs({ ...rest, end: null })}`;

/** Each below its parent. */
const branchRows = (branches: readonly Offspring[], depth: number): readonly [string, string][] =>
  branches.flatMap(({ path, branches: more, ...rest }) => [
    ["has branch", `${"  ".repeat(depth)}${path}, ${differs(rest)}`] as [string, string],
    ...branchRows(more, depth + 1),
  ]);

const differs = ({ changes, end, ...position }: Pick<Offspring, "seq" | "icount" | "changes" | "end">): string => {
  const how = changes.length === 0 ? "" : `: ${changeWords(changes)}`;
  return `up to ${place(position)}${how}${end === null ? "" : `; ended ${endOf(end)}`}`;
};

const SHOWN_CHANGES = 5;
const SHOWN_LETTERS = 80;

/** The first ones; --json has all that are recorded. */
function changeWords(changes: readonly string[]): string {
  const shown = changes
    .slice(0, SHOWN_CHANGES)
    .map((change) => (change.length > SHOWN_LETTERS ? `${change.slice(0, SHOWN_LETTERS)}…` : change));
  // A recording has so many, and then says how many more there were.
  const beyond = /^and (\d+) more$/.exec(changes.at(-1) ?? "")?.[1];
  const more = changes.length - shown.length + (beyond === undefined ? 0 : Number(beyond) - 1);
  return [...shown, ...(more > 0 ? [`and ${String(more)} more`] : [])].join("; ");
}

const endOf = ({ cause, guestCode }: Pick<RecordingInfo, "cause" | "guestCode">): string =>
  `${cause ?? "cut off"}${guestCode === null ? "" : `, code ${String(guestCode)}`}`;

const NAME_WIDTH = 14;

/** A name that is longer, such as of a backing file, moves its value and no other. */
const aligned = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([name, value]) => `${`${name} `.padEnd(NAME_WIDTH)}${value}\n`).join("");

function machineRows(
  machine: RecordingInfo["machine"],
  images: readonly (Omit<ImageInfo, "embedded"> & Partial<ImageInfo>)[],
): [string, string][] {
  return [
    ["memory", `${count(machine.memoryBytes / 2 ** 20)} MiB`],
    ["harts", String(machine.harts)],
    ["shift", `${String(machine.shift)} (${String(2 ** machine.shift)} ns an instruction)`],
    ["append", machine.append === null ? "none" : JSON.stringify(machine.append)],
    [
      "virtio",
      machine.virtio.length === 0
        ? "none"
        : machine.virtio.map((slot) => (typeof slot === "string" ? slot : slot.kind)).join(","),
    ],
    ["rng-seed", machine.rngSeed],
    ...images.map(({ role, path: from, size, sha256, embedded = false }): [string, string] => [
      role,
      `${from === "" ? "given as bytes" : from}, ${bytes(size)}, sha256 ${sha256}${embedded ? ", in the recording" : ""}`,
    ]),
  ];
}
