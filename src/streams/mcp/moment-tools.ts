/** Tools about moments: what is there, in what two of them differ, and where a value came from. */
import { OptionError } from "../../options/option-error.js";
import { diff } from "../past/diff/index.js";
import { Moment } from "../past/moment.js";
import { paced } from "../past/paced.js";
import type { Recording } from "../past/recording.js";
import { sourceTree } from "../past/whence/index.js";
import { bounded, chosen, flag, recordingSchema, refusal, text, where, whereSchema, whole } from "./arguments.js";
import type { Given, Recordings } from "./arguments.js";
import { plain } from "./plain.js";

export interface MomentTool {
  readonly description: string;
  readonly properties: (recordings: Recordings) => Readonly<Record<string, object>>;
  readonly required: readonly string[];
  /** Rows. @throws {OptionError} @throws {PlaceError} @throws {PositionError} */
  readonly call: (recordings: Recordings, given: Given, signal?: AbortSignal) => Promise<readonly object[]>;
}

/** Of the value of one place, as JSON. */
export const MAX_VALUE_CHARACTERS = 100_000;
/** Of a stack. */
export const MAX_TOOL_FRAMES = 100;
/** Of a tree of sources, or of a difference. */
export const MAX_TOOL_NODES = 1000;
const NODES = 100;

const WHICH = "which; the only one where it is left out";
const PLACE = "a register (a0, $sepc) or memory: link.count, task->comm, buf[3], 0x80002ed8:4";

export const MOMENT_TOOLS: Readonly<Record<string, MomentTool>> = {
  at: {
    description:
      "What is at a moment of a recording: position, hart, pc, function, the task of a Linux guest, the stack, and the value of a place.",
    properties: (recordings) => ({
      recording: recordingSchema(recordings, WHICH),
      at: whereSchema("the moment (end)"),
      hart: { type: "integer", minimum: 0, description: "whose stack and task (the one that executes)" },
      of: { type: "string", description: `what to read: ${PLACE}` },
    }),
    required: [],
    call: async (recordings, given) => [
      lookedAt(await momentOf(chosen(recordings, given), given, "at"), whole(given, "hart"), text(given, "of")),
    ],
  },
  whence: {
    description: "Where a value came from: back through copies and operations to inputs, images and constants.",
    properties: (recordings) => ({
      recording: recordingSchema(recordings, WHICH),
      of: { type: "string", description: PLACE },
      at: whereSchema("when (end)"),
      depth: { type: "integer", minimum: 1, maximum: MAX_TOOL_NODES, default: 12 },
      nodes: { type: "integer", minimum: 1, maximum: MAX_TOOL_NODES, default: NODES },
      addresses: { type: "boolean", description: "with what addresses were made of" },
      conditions: { type: "boolean", description: "with what decided: branches and traps" },
    }),
    required: ["of"],
    call: async (recordings, given, signal) => {
      const of = text(given, "of");
      if (of === undefined) throw refusal("of", of, `give ${PLACE}`);
      const recording = chosen(recordings, given);
      const tree = sourceTree(new Moment(recording, where(given, "at", recording)), of, {
        depth: bounded(given, "depth", 12, MAX_TOOL_NODES),
        nodes: bounded(given, "nodes", NODES, MAX_TOOL_NODES),
        ...{ addresses: flag(given, "addresses"), conditions: flag(given, "conditions") },
      });
      await tree.grow({ signal });
      return tree.rows();
    },
  },
  diff: {
    description:
      "In what two moments differ, by name: of one recording, or of two. Without moments: where two recordings part.",
    properties: (recordings) => ({
      recording: recordingSchema(recordings, WHICH),
      other: recordingSchema(recordings, "the other one; the same where it is left out"),
      at: whereSchema("the moment of the first one"),
      otherAt: whereSchema("that of the other one"),
      ignore: { type: "array", items: { type: "string" }, description: "names of rows that are left out" },
      limit: { type: "integer", minimum: 1, maximum: MAX_TOOL_NODES, default: NODES },
    }),
    required: [],
    call: differences,
  },
};

/** The host has its turns while the replay goes there. */
const momentOf = async (recording: Recording, given: Given, member: string): Promise<Moment> =>
  Moment.of(recording, await paced(recording.stepsTo(where(given, member, recording))));

function lookedAt(moment: Moment, hart = moment.hart, of?: string): object {
  const { harts } = moment.state;
  const seen = harts[hart];
  if (seen === undefined) throw refusal("hart", hart, `the machine has ${String(harts.length)}, from 0 on`);
  const { pc } = seen.fields;
  const task = moment.taskOf(hart);
  const place = { ...moment.toJSON(), hart, pc, function: moment.recording.names.functionAt(pc)?.name };
  const value = of === undefined ? undefined : valueOf(moment, of);
  return {
    ...place,
    task: task && { pid: task.pid, comm: task.comm },
    stack: moment.stack(hart).slice(0, MAX_TOOL_FRAMES),
    ...(of !== undefined && { of, value }),
  };
}

function valueOf(moment: Moment, of: string): unknown {
  const value = moment.read(of);
  const { length } = JSON.stringify(plain({ value }));
  if (length <= MAX_VALUE_CHARACTERS) return value;
  throw new OptionError(`${of}: the value has ${String(length)} characters; name a part of it`, { option: "of" });
}

async function differences(recordings: Recordings, given: Given): Promise<readonly object[]> {
  const first = chosen(recordings, given);
  const other = given["other"] === undefined ? first : chosen(recordings, given, "other");
  const limit = bounded(given, "limit", NODES, MAX_TOOL_NODES);
  const ignore = ignoredNames(given);
  if (given["at"] !== undefined || given["otherAt"] !== undefined) {
    const [a, b] = [await momentOf(first, given, "at"), await momentOf(other, given, "otherAt")];
    return firstOf(diff(a, b, { ignore }), limit);
  }
  if (other === first) throw refusal("other", given["other"], "name another recording, or moments: at and otherAt");
  const { header, event, parting, endings } = diff(first, other, { ignore });
  return [
    ...header.map((row) => ({ ...row, kind: "header" })),
    ...(event === undefined ? [] : [{ kind: "event", ...event }]),
    ...(parting === undefined ? [] : [{ kind: "parting", ...parting }]),
    ...(endings === undefined ? [] : [{ kind: "endings", ...endings }]),
  ];
}

function firstOf(rows: Iterable<object>, limit: number): readonly object[] {
  const taken: object[] = [];
  for (const row of rows) {
    if (taken.length === limit) break;
    taken.push(row);
  }
  return taken;
}

function ignoredNames({ ignore = [] }: Given): readonly string[] {
  if (Array.isArray(ignore) && ignore.every((name) => typeof name === "string")) return ignore;
  throw refusal("ignore", ignore, "give a list of names");
}
