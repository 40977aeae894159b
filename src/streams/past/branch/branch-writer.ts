/** How a branch's recording begins: with what its parent is up to the fork, where that is its past too. */
import type { MachineState } from "../../../machine/state.js";
import type { ImageContents } from "../../store/image-contents.js";
import { openWriter, type LogHeader, type LogSink, type LogWriter } from "../../store/log/index.js";
import { snapshotOf, START } from "../../store/snapshot.js";
import type { BranchPlan } from "./branch-plan.js";

/** What comes next is the event after the fork. `contents`: the images that it is to carry. */
export function openBranchWriter(
  plan: BranchPlan,
  header: LogHeader,
  sink: LogSink,
  contents: readonly ImageContents[] = [],
): LogWriter {
  const start = startState(plan);
  const writer = openWriter(sink, header, { start: start && snapshotOf(START, start, header.images), contents });
  try {
    if (plan.start === undefined) copyShared(plan, writer);
    return writer;
  } catch (fault) {
    writer.abandon();
    throw fault;
  }
}

/** The state that it begins with, where that is not the one at reset. */
function startState({ recording, start, isPatched }: BranchPlan): MachineState | undefined {
  if (start !== undefined) return isPatched ? start : undefined;
  return recording.log.header.start && recording.at(recording.log.start);
}

/** Where its parent carries its images, so does it. `own`: those that its parent has not. */
export function carriedBy(
  { recording }: BranchPlan,
  header: LogHeader,
  own: readonly ImageContents[] = [],
): readonly ImageContents[] {
  if (recording.log.contents.size === 0) return [];
  const named = new Set(header.images.map(({ sha256 }) => sha256));
  return [...recording.contents, ...own].filter(({ sha256 }) => named.has(sha256));
}

/** The parent's events before the fork. */
function copyShared({ recording, point }: BranchPlan, writer: LogWriter): void {
  for (const event of recording.log.events()) {
    if (event.seq > point.state.position.seq) return;
    writer.append(event);
  }
}
