/** `diff`: in what two states differ, or where the guests of two recordings part. */
import type { MachineState } from "../../../machine/state.js";
import { check } from "../../../options/check.js";
import { call, either, exactly, having, list, maybe } from "../../../options/codecs.js";
import { OptionError } from "../../../options/option-error.js";
import { aRecording, aState } from "../../../options/parts.js";
import type { NameSource } from "../names/name-source.js";
import { Names } from "../names/names.js";
import { placeCodec } from "../names/place-codec.js";
import type { Progress } from "../query/progress.js";
import type { Recording } from "../recording.js";
import { Ignored, type Ignorable } from "./ignored.js";
import { MemoryNames } from "./memory-names.js";
import { RecordingDiff } from "./recording-diff.js";
import { StateDiff } from "./state-diff.js";

export interface DiffOptions {
  /** What is left out; what a row has as its `name` is taken too. */
  readonly ignore?: readonly Ignorable[] | undefined;
  /** Names of the guest's program, beside those that the recordings have: of `a`, of a moment, or none. */
  readonly names?: readonly NameSource[] | undefined;
  /** Of two recordings: told now and then where the replays stand, while they are compared. */
  readonly progress?: Progress | undefined;
}

/** A state, or what has one: a moment of a recording. */
export type Stateful = MachineState | { readonly state: MachineState };

const OPTIONS = exactly<DiffOptions>({
  ignore: maybe(list(placeCodec)),
  names: maybe(list(having("a NameSource", "title", "symbols"))),
  progress: maybe(call),
});
const SIDE = either("a state, a moment, or a recording", aState, aRecording);
const SIDES = exactly<{ readonly a: unknown; readonly b: unknown }>({ a: SIDE, b: SIDE });

/**
 * Nothing is compared before the answer is read. @throws {OptionError} @throws {PlaceError} where what is to be ignored
 * is not there
 */
export function diff(a: Recording, b: Recording, options?: DiffOptions): RecordingDiff;
export function diff(a: Stateful, b: Stateful, options?: DiffOptions): StateDiff;
export function diff(
  a: Recording | Stateful,
  b: Recording | Stateful,
  options: DiffOptions = {},
): RecordingDiff | StateDiff {
  const sides = { a: stateIn(a), b: stateIn(b) };
  check("diff", SIDES, sides);
  check("diff", OPTIONS, options);
  if (aRecording.is(sides.a) !== aRecording.is(sides.b)) {
    throw new OptionError("diff: b: compare two states, or two recordings", { option: "b", value: b });
  }
  const names = new Names(() => [...namesOf(a), ...(options.names ?? [])]);
  const ignored = (at: () => MachineState): Ignored => Ignored.of(options.ignore ?? [], names, at);
  if (aRecording.is(sides.a)) {
    const [inA, inB] = [sides.a as Recording, sides.b as Recording];
    const namesOfB = new Names(() => [...inB.names.sources, ...(options.names ?? [])]);
    const { progress } = options;
    return new RecordingDiff(inA, inB, { ignored: ignored(() => inA.at()), names, namesOfB, progress });
  }
  const [inA, inB] = [sides.a as MachineState, sides.b as MachineState];
  return new StateDiff(inA, inB, { ignored: ignored(() => inA), names: new MemoryNames(names) });
}

/** A recording's own, and a moment's. */
function namesOf(side: object): readonly NameSource[] {
  if ("names" in side && side.names instanceof Names) return side.names.sources;
  return "recording" in side && aRecording.is(side.recording) ? (side.recording as Recording).names.sources : [];
}

/** A recording has states, but is none. */
const stateIn = (side: unknown): unknown => {
  const isWhole: boolean = aState.is(side) || aRecording.is(side);
  return !isWhole && typeof side === "object" && side !== null && "state" in side ? side.state : side;
};
