/** What a recording's guest printed until a moment, byte for byte. */
import type { Recording } from "../../past/recording.js";
import { Turns } from "../../past/paced.js";
import { findsFrom, type Listener } from "../../past/query/index.js";
import { portOf } from "../../past/query/printed-lines.js";
import type { Until } from "../../past/until.js";
import { sendPieces } from "../answer.js";
import { placeGiven, placeParameter, recordingOf } from "../places.js";
import type { Route } from "../route.js";
import type { Watch } from "../watch.js";

export const printed: Route = {
  path: "/recordings/{name}/console",
  summary: "What the guest printed until a moment, byte for byte.",
  parameters: {
    at: placeParameter("the moment (end)"),
    port: { description: "of one console: uart16550, or virtioConsole and its slot (all)", schema: { type: "string" } },
  },
  answers: { "text/plain": { type: "string" } },
  serve: async (call) => {
    const recording = recordingOf(call);
    const port = call.given.text("port");
    const { served, signal } = call;
    const watch = served.watch(signal);
    const close = served.slots.open();
    try {
      const until = await served.slots.during(watch, () => placeGiven(call.given, "at", recording, watch));
      const bytes = served.slots.inTurn(printedBytes(recording, until, port, watch), watch);
      await sendPieces(call, bytes, 200, { "Content-Type": "text/plain; charset=utf-8" });
    } finally {
      close();
    }
  },
};

/** No faster than they are read. */
async function* printedBytes(
  recording: Recording,
  until: Until | undefined,
  port: string | undefined,
  { check }: Watch,
): AsyncGenerator<Uint8Array, void> {
  const listener: Listener<Uint8Array> = {
    needsAll: true,
    heard: (_, effect) =>
      effect.type === "console/transmitted" && (port === undefined || portOf(effect) === port) ? [effect.bytes] : [],
  };
  const turns = new Turns();
  for (const found of findsFrom(recording, listener, recording.at(recording.log.start), until)) {
    check();
    if (found.length > 0) yield Buffer.concat(found);
    if (turns.isDue) await turns.take();
  }
}
