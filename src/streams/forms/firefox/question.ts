/** What a profile is made of: stacks at regular instruction counts. */
import { check } from "../../../options/check.js";
import { distance, exactly, maybe } from "../../../options/codecs.js";
import { aRecording } from "../../../options/parts.js";
import { OptionError } from "../../../options/option-error.js";
import { PRIVILEGE } from "../../../machine/hart/mstatus.js";
import type { MomentView } from "../../past/moment-view.js";
import { sample, type AskedOptions, type Query, type Sample } from "../../past/query/index.js";
import type { Recording } from "../../past/recording.js";

export interface FirefoxQuestion extends AskedOptions {
  /** Instructions from one sample to the next. Default: such that there are some 10,000 in the recording. */
  readonly everyInsns?: number | undefined;
}

/** Where a hart was. */
export interface SampledStack {
  readonly level: "user" | "kernel" | "firmware";
  /** The innermost first. */
  readonly frames: readonly SampledFrame[];
}

export interface SampledFrame {
  readonly pc: bigint;
  readonly function: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly isInlined: boolean;
}

const SAMPLES = 10_000;
/** All of them are in memory until the profile is written. */
export const MAX_PROFILE_SAMPLES = 1 << 20;

/** For `rows`: `rows(recording, { questions: { stacks: firefoxQuestion(recording) } })`. @throws {OptionError} */
export function firefoxQuestion(
  recording: Recording,
  { everyInsns, ...range }: FirefoxQuestion = {},
): Query<Sample<SampledStack>> {
  check("firefoxQuestion", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  check("firefoxQuestion", exactly<Pick<FirefoxQuestion, "everyInsns">>({ everyInsns: maybe(distance) }), {
    everyInsns,
  });
  const { instructions } = recording.info;
  const every = everyInsns ?? Math.max(1, Math.floor(instructions / SAMPLES));
  if (instructions / every > MAX_PROFILE_SAMPLES)
    throw new OptionError(
      `everyInsns ${String(every)}: that is more than ${String(MAX_PROFILE_SAMPLES)} samples; take fewer`,
      { option: "everyInsns", value: everyInsns },
    );
  return sample(recording, stackThere, { everyInsns: every, ...range });
}

const stackThere = (moment: MomentView): SampledStack => ({
  level: levelOf(moment),
  frames: moment.stack().map(({ pc, function: name, file, line, isInlined }) => ({
    ...{ pc, function: name, file, line, isInlined },
  })),
});

function levelOf(moment: MomentView): SampledStack["level"] {
  const privilege = moment.scope.at?.harts[moment.hart]?.fields.privilege;
  if (privilege === PRIVILEGE.user) return "user";
  return privilege === PRIVILEGE.machine ? "firmware" : "kernel";
}
