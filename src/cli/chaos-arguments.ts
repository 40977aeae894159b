/** The options that let schedule and clock vary: by chance, or as a file says. */
import { chanceSeed, requireChaos, STRATEGIES, type ChaosOptions } from "../streams/session/chaos.js";
import { readSchedule, type SessionSchedule } from "../streams/session/schedule-file.js";
import type { Arguments } from "./arguments.js";
import { KeyValues } from "./key-values.js";
import { readAll, UsageError } from "./problems.js";
import { STANDARD_STREAM } from "./standard-stream.js";
import { integer } from "./values.js";

export const CHAOS_OPTION = {
  chaos: {
    value: "seed=SEED,strategy=random|pct,depth=N,insns=N",
    isOptional: true,
    help: "let schedule and clock vary by chance (random), from a seed; pct: for a bug of a depth (3), in so many instructions (10,000,000)",
  },
} as const;

export const DEVIATION_OPTIONS = {
  ...CHAOS_OPTION,
  schedule: {
    value: "FILE",
    file: "read",
    help: "let them vary as the file says, which foldvm schedule prints; -: standard input",
  },
} as const;

export interface DeviationArguments {
  readonly chaos: ChaosOptions | undefined;
  /** It is still to be read where it comes on standard input. */
  readonly schedule: SessionSchedule | typeof STANDARD_STREAM | undefined;
  /** Chance chose the seed, so that nobody knows it yet. */
  readonly isSeedNew: boolean;
}

/** @throws {UsageError} @throws {OptionError} */
export function deviationArguments(args: Arguments<typeof DEVIATION_OPTIONS>): DeviationArguments {
  const { chaos, schedule } = readAll({
    chaos: () => chaosArgument(args),
    schedule: () => scheduleArgument(args),
  });
  if (chaos !== undefined && schedule !== undefined)
    throw new UsageError("--chaos and --schedule: give one; a schedule is the whole of what varies");
  return { chaos: chaos?.options, schedule, isSeedNew: chaos?.isSeedNew ?? false };
}

function scheduleArgument(args: Arguments<typeof DEVIATION_OPTIONS>): DeviationArguments["schedule"] {
  const path = args.get("schedule");
  return path === undefined || path === STANDARD_STREAM ? path : readSchedule(path);
}

/** As it is to be typed, to have the same again. */
export const chaosWords = ({ seed, strategy, depth, insns }: ChaosOptions): string =>
  `--chaos ${Object.entries({ seed: seed.replaceAll(",", ",,"), strategy, depth, insns })
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${String(value)}`]))
    .join(",")}`;

/** Undefined: it was not given. @throws {UsageError} @throws {OptionError} */
export function chaosArgument(
  args: Arguments<typeof CHAOS_OPTION>,
): { readonly options: ChaosOptions; readonly isSeedNew: boolean } | undefined {
  const text = args.get("chaos");
  if (text === undefined) return undefined;
  const [word = ""] = /^(?:off|none)(?=,|$)/.exec(text) ?? [];
  if (word !== "")
    throw new UsageError(
      `--chaos ${word}: run and record vary nothing without --chaos, so leave it out there; a hunt varies each run, ` +
        `so use  foldvm record  for a plain one (a seed of this name: --chaos seed=${word})`,
    );
  const values = new KeyValues("--chaos", text === "" ? "seed=" : text, "seed");
  const number = (key: string): number | undefined => {
    const value = values.one(key);
    return value === undefined ? undefined : integer(`--chaos ${key}`, value);
  };
  const strategy = values.choice("strategy", STRATEGIES);
  const [depth, insns] = [number("depth"), number("insns")];
  values.finish("use seed=, strategy=random or strategy=pct, and for that depth= and insns=");
  const isSeedNew = values.word === "";
  const seed = isSeedNew ? chanceSeed() : values.word;
  return { options: requireChaos("--chaos", { seed, strategy, depth, insns }), isSeedNew };
}
