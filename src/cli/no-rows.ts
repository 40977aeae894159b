/** Says why a question found nothing, where that is known: an empty answer would look as if nothing had happened. */
import type { Recording } from "../streams/past/recording.js";
import type { Stdio } from "../streams/host/stdio.js";
import { QUESTIONS } from "../streams/session/questions.js";

export function sayWhyNone(word: string | undefined, recording: Recording, { stderr }: Pick<Stdio, "stderr">): void {
  const why = word === undefined ? undefined : QUESTIONS[word]?.whyNone?.(recording);
  if (why !== undefined) stderr.write(`foldvm: ${String(word)}: no rows: ${why}\n`);
}
