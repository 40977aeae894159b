/** `fork`: another future of a recording, from one of its moments on. */
import { check } from "../../../options/check.js";
import { anything, call, distance, exactly, list, maybe, shortText, value, either } from "../../../options/codecs.js";
import { aRecording } from "../../../options/parts.js";
import { initialStateOver, type Images } from "../../../machine/initial-state.js";
import { Machine } from "../../../machine/machine.js";
import { CHAOS_OPTIONS, MAX_SEED_LETTERS, type ChaosOptions } from "../../chaos/chaos-options.js";
import { requireDeviations } from "../../chaos/deviations-of.js";
import { memoryContents } from "../../store/image-contents.js";
import type { Recording } from "../recording.js";
import { checkUntil, type Until } from "../until.js";
import { Branch, type BranchMachine } from "./branch.js";
import { withMachine } from "../on-machine.js";
import { BranchError } from "./branch-error.js";
import type { BranchInput } from "./branch-input.js";
import { branchHeader, DEFAULT_SEED, differenceWords, type BranchKernel } from "./branch-header.js";
import { planOf } from "./branch-plan.js";
import { editedBy, type Edit } from "./edited.js";
import { forkPoint, type ForkPoint } from "./fork-point.js";
import { patched, type Patch } from "./patch.js";

export interface BranchOptions {
  /** Where. Default: the recording's beginning. */
  readonly at?: Until | undefined;
  /** Makes the branch's inputs of those that the recording has after that place; several, one after the other. */
  readonly edit?: Edit | readonly Edit[] | undefined;
  /** What is otherwise in memory or registers at that place. */
  readonly patch?: readonly Patch[] | undefined;
  /** Runs instead of the recorded one, from reset on. */
  readonly kernel?: BranchKernel | undefined;
  /** Makes the deviations after that place, instead of those of the recording. */
  readonly chaos?: ChaosOptions | undefined;
  /** What random bytes are made from that the recording has no answer for. Default `branch`. */
  readonly seed?: string | undefined;
  /** At most so many instructions after that place. Default: twice what the recording has left, and 1,000,000. */
  readonly insns?: number | undefined;
  /** What is told of the changes in the branch's recording, a line each. Default: how many inputs differ. */
  readonly changes?: readonly string[] | undefined;
}

const KERNEL = exactly<BranchKernel>({
  path: value("a path", (given) => typeof given === "string"),
  sha256: value("64 hexadecimal digits", (given) => typeof given === "string" && /^[0-9a-f]{64}$/.test(given)),
  bytes: value("a Uint8Array", (given) => given instanceof Uint8Array),
});

const PATCH = exactly<Patch>({
  place: value("a register, a symbol or an address", (given) =>
    ["string", "number", "bigint", "object"].includes(typeof given),
  ),
  value: value(
    "a number or bytes",
    (given) => typeof given === "bigint" || Number.isSafeInteger(given) || given instanceof Uint8Array,
  ),
  hart: maybe(value("a hart's number", (given) => Number.isSafeInteger(given))),
});

const OPTIONS = exactly<BranchOptions>({
  ...{
    at: maybe(anything),
    edit: maybe(either("an rxjs operator, or a list of them", call, list(call))),
    patch: maybe(list(PATCH)),
    kernel: maybe(KERNEL),
  },
  ...{ chaos: maybe(CHAOS_OPTIONS), seed: maybe(shortText(MAX_SEED_LETTERS)), insns: maybe(distance) },
  ...{ changes: maybe(list(value("a text", (given) => typeof given === "string"))) },
});

/**
 * Another future of a recording. Replays to the place; nothing after it runs yet. Equal options make equal branches.
 * @throws {OptionError} @throws {BranchError} @throws {PlaceError} @throws {PositionError} and what a replay throws
 */
export function fork(recording: Recording, options: BranchOptions = {}): Branch {
  check("fork", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  check("fork", OPTIONS, options);
  checkUntil("fork: at", options.at);
  requireDeviations("fork", { chaos: options.chaos });
  const { at = recording.log.start, edit, patch = [], kernel, chaos, insns } = options;
  const { seed = DEFAULT_SEED } = options;
  const point = forkPoint(recording, at);
  const other = kernel && otherMachine(recording, point.state.position, kernel);
  const isPatched = patch.length > 0;
  const plain = other?.machine.state() ?? (isPatched ? point.state : undefined);
  const start = plain && isPatched ? patched(plain, patch, recording.names) : plain;
  const edits: readonly Edit[] = typeof edit === "function" ? [edit] : (edit ?? []);
  const inputs = editedBy(point.inputs, edits);
  requireLater(inputs, point);
  requireDevices(recording, inputs, point.inputs);
  const plan = planOf(recording, point, inputs, { seed, chaos, insns, start, isPatched });
  const changes = options.changes ?? [differenceWords(point.inputs, inputs)];
  return new Branch(plan, branchHeader(plan, { seed, kernel, changes }), other);
}

function otherMachine(
  recording: Recording,
  { seq, icount }: { readonly seq: number; readonly icount: number },
  { bytes, sha256 }: BranchKernel,
): BranchMachine {
  if (seq !== 0 || icount !== 0)
    throw new BranchError("KERNEL_NOT_AT_START", "another kernel runs from reset on: leave `at` out, or fork at 0");
  const images: Images = { ...recording.images, kernel: bytes };
  const machine = recording.openMachine(
    (_initial, options) => new Machine(initialStateOver(recording.config, images), options),
  );
  return { machine, contents: [memoryContents(sha256, bytes)] };
}

/** Of what was put in: what was recorded may be told to come earlier, and then comes at once. @throws {BranchError} */
function requireLater(inputs: readonly BranchInput[], { state }: ForkPoint): void {
  const early = inputs.find(({ seq, icount }) => seq === undefined && icount < state.position.icount);
  if (early === undefined) return;
  const { type, icount } = early;
  throw new BranchError(
    "INVALID_INPUT",
    `${type}, at ${String(icount)}, comes before the place of the fork; fork earlier`,
  );
}

/** Of what the edit made anew. @throws {BranchError} */
function requireDevices(recording: Recording, inputs: readonly BranchInput[], before: readonly BranchInput[]): void {
  if (inputs === before) return;
  const known = new Set(before);
  const made = inputs.filter((input) => !known.has(input));
  if (made.length === 0) return;
  const misfit = withMachine(recording, (machine) => made.find((input) => !machine.hasDeviceFor(input)));
  if (misfit === undefined) return;
  const place = "slot" in misfit ? ` in slot ${String(misfit.slot)}` : "";
  throw new BranchError("INVALID_INPUT", `the edit gives ${misfit.type}${place}: the machine has no such device`);
}
