/**
 * `whence`: where a value came from. From a register or from memory at a moment, back through copies and operations,
 * through devices, disks and page tables, to the inputs, images and constants that made it.
 */
import { check } from "../../../options/check.js";
import { exactly, having, maybe, whole } from "../../../options/codecs.js";
import type { Moment } from "../moment.js";
import { PlaceError } from "../names/place-error.js";
import type { Place } from "../names/place.js";
import { placeCodec } from "../names/place-codec.js";
import { Describer } from "./describe.js";
import { History, type Cut } from "./history.js";
import { Resolver } from "./resolver.js";
import type { Source } from "./source.js";
import { finished, type Steps } from "./steps.js";
import { SourceTree, TREE_OPTIONS, type TreeOptions } from "./tree.js";
import { spotsNamed } from "./spots-named.js";

export interface WhenceOptions {
  /** Whose register, and who sees a virtual address. The one whose turn it is where it is left out. */
  readonly hart?: number | undefined;
  /** How many instructions the whole tree may run, looking for who wrote what (4 G). */
  readonly maxInsns?: number | undefined;
}

const DEFAULT_INSNS = 4_000_000_000;

const ASKED = exactly<{ readonly moment: Moment; readonly place: Place }>({
  moment: having("a Moment, as at(recording) returns", "stepsToState", "recording", "scope"),
  place: placeCodec,
});
const OPTIONS = { hart: maybe(whole), maxInsns: maybe(whole) };

/**
 * The value that is at a place at a moment: a register (`a0`, `$sepc`), or memory as in `moment.read`. The node that it
 * answers leads to others, which are found when they are asked for. Nodes that meet are one object. @throws
 * {PlaceError} and as a replay does
 */
export function whence(moment: Moment, place: Place, options: WhenceOptions = {}): Source {
  check("whence", ASKED, { moment, place });
  check("whence", exactly<WhenceOptions>(OPTIONS), options);
  return finished(sourceSteps(moment, place, options));
}

/**
 * The tree behind `whence`, not grown yet: `grow` lets the host have its turns, and can be ended. Throws as `whence`
 * does.
 */
export function sourceTree(moment: Moment, place: Place, options: WhenceOptions & TreeOptions = {}): SourceTree {
  check("sourceTree", ASKED, { moment, place });
  check("sourceTree", exactly<WhenceOptions & TreeOptions>({ ...OPTIONS, ...TREE_OPTIONS }), options);
  return new SourceTree(() => sourceSteps(moment, place, options), options);
}

function* sourceSteps(moment: Moment, place: Place, options: WhenceOptions): Steps<Source> {
  const { recording } = moment;
  // What the names of a kernel are read from.
  if (recording.mayHaveKernel) yield* recording.stepsTo();
  const state = yield* moment.stepsToState();
  const { hart = state.schedule.hart, maxInsns = DEFAULT_INSNS } = options;
  if (hart >= state.harts.length) {
    throw new PlaceError(
      "NOT_A_PLACE",
      `there is no hart ${String(hart)}: the machine has ${String(state.harts.length)}`,
    );
  }
  const cut: Cut = { ...state.position, hart, deeds: 0 };
  const resolver = new Resolver(
    recording,
    new History(recording, maxInsns),
    new Describer(recording.names, recording.config),
  );
  const [first, ...rest] = spotsNamed(moment, place, hart);
  if (first === undefined) throw new PlaceError("NOT_A_PLACE", "it is nowhere at this moment");
  return yield* rest.length === 0 ? resolver.resolve(first, cut) : resolver.pieces([first, ...rest], cut);
}
