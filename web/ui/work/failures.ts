/** What went wrong, and what to do: a page is never dead without a word. */
import { WorkerFault } from "../../client.js";
import type { Failure } from "../model/state.js";

const REMEDIES: Readonly<Record<string, string>> = {
  ImageError: "Make the page anew where the recording's images are, or pack them into it: foldvm pack FILE -o OTHER.",
  LogError: "The recording is damaged behind that point; what is before it can be looked at.",
  Divergence: "The recording and this version of foldvm do not agree. Try: foldvm verify FILE.",
  PlaceError: "Give a variable as link.count, a register as $sp, or an address as 0x80001000.",
  OptionError: "Mend what was asked, and ask again.",
  PositionError: "Click on the timeline, or type a position that is in the recording.",
  PageError: "Go to another moment: click on the timeline, or type a position. If it stays so, load the page again.",
  WorkerEnded: "Load the page again. The address keeps the moment that you were at.",
};

export const failureOf = (error: unknown): Failure => {
  const what = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof WorkerFault ? REMEDIES[error.name] : undefined;
  return { what, remedy: remedy ?? "Try another moment, or load the page again." };
};
