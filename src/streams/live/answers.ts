/**
 * What the devices ask and must be answered: a run fails at once where no backend does, or the guest would wait for
 * ever.
 */
import { check } from "../../options/check.js";
import { call, exactly, list, oneOf } from "../../options/codecs.js";
import type { Effect } from "../../reducers/effect.js";
import type { Backend } from "./backend.js";

/** The one list of effects that the guest waits for, each with the backend of this library that answers it. */
const ANSWERED_BY = {
  "hostClock/requested": { by: "hostClock()", what: "reads the wall clock" },
  "rtcAlarm/armed": { by: "hostClock()", what: "armed the RTC's alarm" },
  "entropy/requested": { by: "entropy()", what: "asks virtio-rng for entropy" },
  "disk/requested": { by: "disks(opened.disks)", what: "asks a disk" },
} as const satisfies Partial<Record<Effect["type"], { readonly by: string; readonly what: string }>>;

/** The types of effects that wait for an answer. */
export type AskingEffect = keyof typeof ANSWERED_BY;

/** The guest asked for what no backend of its run answers. */
export class UnansweredError extends Error {
  override readonly name = "UnansweredError";
  readonly code = "NO_BACKEND";

  constructor(
    readonly effect: Effect["type"],
    /** What answers it. */
    readonly backend: string,
    message: string,
  ) {
    super(message);
  }
}

/** Says of a backend of your own that it answers these effects. */
export const answering = (effects: readonly AskingEffect[], backend: Backend): Backend => {
  check("answering", ANSWERS, { effects, backend });
  return Object.assign<Backend, Pick<Backend, "answers">>((effects$, taken$) => backend(effects$, taken$), {
    answers: effects,
  });
};

const ANSWERS = exactly<{ readonly effects: readonly AskingEffect[]; readonly backend: Backend }>({
  effects: list(oneOf(...Object.keys(ANSWERED_BY))),
  backend: call,
});

/** What tells of an effect that waits for an answer where none of these gives one. */
export const unansweredBy = (backends: readonly Backend[]): ((effect: Effect) => UnansweredError | undefined) => {
  const answered = new Set(backends.flatMap(({ answers = [] }) => answers));
  return (effect) =>
    Object.hasOwn(ANSWERED_BY, effect.type) && !answered.has(effect.type) ? unanswered(effect) : undefined;
};

/** For an effect of the list above. */
export const unanswered = (effect: Effect): UnansweredError => {
  const { by, what } = ANSWERED_BY[effect.type as AskingEffect];
  const where = "slot" in effect ? ` in slot ${String(effect.slot)}` : "";
  const own = `or, where one of your own answers it, answering(["${effect.type}"], backend)`;
  return new UnansweredError(
    effect.type,
    by,
    `the guest ${what}${where} (${effect.type}), and no backend answers: give run ${by}, ${own}`,
  );
};
