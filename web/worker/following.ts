/** The recording of a machine that runs: read on as it grows. */
import type { Summary } from "../protocol.js";
import { Cancelled, PageError } from "./cancelled.js";
import { fetched } from "./fetched.js";
import type { Opened } from "./opened.js";
import type { Session } from "./session.js";
import { summaryOf } from "./summary.js";

/** A machine that runs is looked at as often. */
const EVERY_MS = 500;

/** A summary each time that it has grown, until the machine is over. Throws Cancelled, and PageError. */
export async function* followed(session: Session, number: number, signal: AbortSignal): AsyncGenerator<Summary> {
  const opened = session.recording(number);
  const { live } = opened.source;
  if (live === undefined) throw new PageError("the recording is over: it does not grow");
  for (;;) {
    // Asked first: what it wrote before it was over is read then, too.
    const isRunning = await runs(live.status, signal);
    const more = await newBytes(opened, signal);
    if (await session.turns.run(opened.readOn(more), { signal, isUrgent: true })) {
      session.resurvey(number);
      yield summaryOf(opened, number, session.recordings);
    }
    if (!isRunning) return;
    await pause(signal);
    // What the page asks of the present is answered before there is a later one.
    await session.turns.quiet();
  }
}

async function runs(status: { readonly url: string }, signal: AbortSignal): Promise<boolean> {
  const text = new TextDecoder().decode(await fetched(status, "how far the machine is", signal));
  return (JSON.parse(text) as { readonly running?: unknown }).running === true;
}

/** Behind what is here already. */
async function newBytes({ source, files }: Opened, signal: AbortSignal): Promise<Uint8Array> {
  const { recording, name } = source;
  if (!("url" in recording)) throw new PageError(`${name} is in the page itself: it does not grow`);
  return fetched(recording, name, signal, files.recording.length);
}

const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(new Cancelled());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, EVERY_MS);
    signal.addEventListener("abort", end, { once: true });
  });
