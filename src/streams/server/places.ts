/** What routes of a recording have in common: which one, and where in it. */
import type { MachineState } from "../../machine/state.js";
import { paced } from "../past/paced.js";
import type { Recording } from "../past/recording.js";
import type { Until } from "../past/until.js";
import { isSoughtPlace, PLACE_WORDS, placeWithTurns } from "../session/place-words.js";
import type { Given, Parameter } from "./parameters.js";
import { Refusal } from "./refusal.js";
import type { Call } from "./route.js";
import type { Watch } from "./watch.js";

/** @throws {Refusal} */
export function recordingOf({
  part,
  served: { recordings },
  signal,
}: Pick<Call, "part" | "served" | "signal">): Recording {
  const name = part("name");
  const found = recordings.get(name, signal);
  if (found !== undefined) return found;
  const names = recordings.names().join(", ");
  throw new Refusal(404, "NO_SUCH_RECORDING", `there is no recording ${JSON.stringify(name)}; there are ${names}`);
}

export const placeParameter = (what: string): Parameter => ({
  description: `${what}: ${PLACE_WORDS}`,
  schema: { type: "string" },
});

/** Undefined: it is not given. @throws {OptionError} @throws {PositionError} where there is no such place */
export async function placeGiven(
  given: Given,
  name: string,
  recording: Recording,
  watch: Watch,
): Promise<Until | undefined> {
  const text = given.text(name);
  return text === undefined ? undefined : placeWithTurns(text, recording, watch.steps);
}

/** Whether a replay looks for one of these. */
export const arePlacesSought = (given: Given, names: readonly string[]): boolean =>
  names.some((name) => isSoughtPlace(given.text(name) ?? ""));

/** The state at the place that `at` names, and the host has its turns while a replay goes there. Fails as `at` does. */
export async function stateGiven(call: Call, recording: Recording, watch: Watch): Promise<MachineState> {
  const until = await placeGiven(call.given, "at", recording, watch);
  return paced(watch.steps(recording.stepsTo(until)));
}

/** A replay for a request: one of few, and no longer than its time. @throws {Refusal} */
export const replaying = <T>(
  { served: { slots, watch }, signal }: Pick<Call, "served" | "signal">,
  work: (watch: Watch) => Promise<T>,
): Promise<T> => {
  const asker = watch(signal);
  return slots.during(asker, () => work(asker));
};
