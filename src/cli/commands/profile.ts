/** `foldvm profile`: where a recording's guest spent its instructions. */
import { profile as profileOf, type Profile, type ProfiledStretch } from "../../streams/past/profile.js";
import { readAll, UsageError } from "../problems.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { count, counted } from "../figures.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { openOperand } from "../recording-operand.js";
import { sayWhereCut } from "../truncation.js";
import { integer } from "../values.js";
import { hexAddress } from "../../reducers/hex.js";

const DEFAULT_TOP = 10;

export const profile = command({
  name: "profile",
  operand: "FILE",
  summary: "Replays a recording and says which code of the guest was hot.",
  options: {
    every: { value: "INSNS", help: "instructions from one sample to the next (such that there are some 10,000)" },
    hart: { value: "N", help: "samples at which hart N executes, and no others" },
    top: { value: "N", help: `functions and stretches of code to show (${String(DEFAULT_TOP)})` },
    json: { help: "the profile as one JSON object" },
    ...NAMED_RECORDING_OPTIONS,
  },
  notes:
    "Samples are taken by instruction count, so the same recording gives the same profile every time.\n" +
    "Names come from the ELF files that the recording was made with, and from --symbols.\n",
  read(args) {
    const { everyInsns, hart, top } = readAll({
      everyInsns: () => distance(args.get("every")),
      hart: () => (args.has("hart") ? integer("--hart", args.get("hart") ?? "") : undefined),
      top: () => integer("--top", args.get("top") ?? String(DEFAULT_TOP)),
    });
    return async (stdio) => {
      const recording = await openOperand(args, stdio, namedRecordingOptions(args));
      sayWhereCut(recording, stdio);
      const { harts } = recording.info.machine;
      if (hart !== undefined && hart >= harts)
        throw new UsageError(`--hart ${String(hart)}: the recording has ${counted(harts, "hart")}, from 0 on`);
      const made = profileOf(recording, { everyInsns, hart });
      stdio.stdout.write(args.has("json") ? `${JSON.stringify(toJson(made, top), undefined, 2)}\n` : text(made, top));
      return EXIT.done;
    };
  },
});

function distance(every: string | undefined): number | undefined {
  if (every === undefined) return undefined;
  const insns = integer("--every", every);
  if (insns === 0) throw new UsageError("--every 0: give 1 or more");
  return insns;
}

const toJson = ({ functions, stretches, ...facts }: Profile, top: number): object => ({
  ...facts,
  functions: functions.slice(0, top),
  stretches: stretches.slice(0, top).map(({ instructions, ...stretch }) => ({
    ...stretch,
    instructions: instructions.map((instruction) => ({ ...instruction, address: hexAddress(instruction.address) })),
  })),
});

function text(
  { instructions, everyInsns, samples, byHart, elsewhere, functions, stretches }: Profile,
  top: number,
): string {
  const share = (part: number): string => `${((100 * part) / Math.max(samples, 1)).toFixed(1).padStart(5)} %`;
  // Of one hart there is nothing to tell apart.
  const shares = (parts: readonly number[]): string =>
    byHart.length === 1 ? "" : parts.map((part) => `  ${share(part)}`).join("");
  const harts =
    byHart.length === 1 ? "" : `       all${byHart.map((_, hart) => `hart ${String(hart)}`.padStart(9)).join("")}`;
  const lines = [
    `${counted(samples, "sample")}, one in ${count(everyInsns)} of ${counted(instructions, "instruction")}`,
    ...(elsewhere === 0
      ? []
      : [`${counted(elsewhere, "sample")} at more places than are kept apart: sample more seldom`]),
    "",
    "functions",
    ...(harts === "" ? [] : [harts.slice(1), `  ${share(samples)}${shares(byHart)}`]),
    ...functions
      .slice(0, top)
      .map((one) => `  ${share(one.samples)}${shares(one.byHart)}  ${one.privilege}  ${one.name}`),
    ...stretches.slice(0, top).flatMap((stretch) => ["", ...stretchLines(stretch, share)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** Of a long stretch the hottest are shown. */
const SHOWN_INSTRUCTIONS = 24;

function stretchLines(
  { privilege, symbol, samples, byHart, instructions }: ProfiledStretch,
  share: (part: number) => string,
): readonly string[] {
  const least = instructions.map((one) => one.samples).sort((a, b) => b - a)[SHOWN_INSTRUCTIONS - 1] ?? 0;
  const shown = instructions.filter((one) => one.samples >= least).slice(0, SHOWN_INSTRUCTIONS);
  const [first, last] = [instructions[0], instructions.at(-1)];
  const range = `${hexAddress(first?.address ?? 0n)} to ${hexAddress(last?.address ?? 0n)}`;
  return [
    `${share(samples)}  ${privilege}  ${range}${symbol === undefined ? "" : `  ${symbol}`}${whoExecuted(byHart)}`,
    ...shown.map(
      (one) => `  ${share(one.samples)}  ${hexAddress(one.address).padStart(18)}  ${one.text ?? "(not mapped)"}`,
    ),
    ...(shown.length < instructions.length ? [`  and ${count(instructions.length - shown.length)} more`] : []),
  ];
}

const whoExecuted = (byHart: readonly number[]): string => {
  const harts = byHart.flatMap((samples, hart) => (samples === 0 ? [] : [String(hart)]));
  return byHart.length === 1 ? "" : `  by ${harts.length === 1 ? "hart" : "harts"} ${harts.join(", ")}`;
};
