/** What a deed depends on without having read it: the branch before it, and the trap in whose handler it ran. */
import { NONE } from "../../../machine/dataflow/origins.js";
import { originsOf } from "../../../machine/dataflow/sourced.js";
import type { EncodingFilter } from "../../../machine/engine/probes.js";
import { PRIVILEGE } from "../../../machine/hart/mstatus.js";
import { INTERRUPT_BIT } from "../../../machine/hart/trap-causes.js";
import { interruptLinesOf } from "../../../machine/interrupt-lines.js";
import { decode } from "../../../machine/isa/decode.js";
import { devices, type Unit } from "../../../reducers/devices.js";
import { stateOf } from "../../../reducers/platform.js";
import { trapName } from "../query/traps.js";
import type { Listener } from "../query/question.js";
import type { Context } from "./context.js";
import type { Block, DeedMaker } from "./history.js";
import { eventSource, lastEventOf } from "./input-sources.js";
import { Source } from "./source.js";
import type { Steps } from "./steps.js";
import type { Place } from "./windows-back.js";

/** Branches and traps are looked for so far back, or a bit farther: a function may have none. */
const WITHIN_INSNS = 512_000;

/** The nearest ones, as far as they are found. Which branch a deed really depends on, only its whole function tells. */
export function* conditionsOf(context: Context, maker: DeedMaker): Steps<readonly Source[]> {
  const deed = maker.block.deeds[maker.index];
  if (deed?.kind === "interrupt") return yield* raisers(context, maker);
  const found = [yield* branchBefore(context, maker), yield* trapAround(context, maker)];
  return found.filter((source) => source !== undefined);
}

const BRANCHES = new Set(["beq", "bne", "blt", "bge", "bltu", "bgeu"]);
const RETURNS = new Set(["mret", "sret"]);

const isBranch: EncodingFilter = (raw) => BRANCHES.has(decode(raw)?.instruction.name ?? "");
const isReturn: EncodingFilter = (raw) => RETURNS.has(decode(raw)?.instruction.name ?? "");

/** The last conditional branch that the hart came by in the same function; in any, where no symbol tells. */
function* branchBefore(context: Context, { block, index }: DeedMaker): Steps<Source | undefined> {
  const { history, describer } = context;
  const own = describer.functionAt(block.deeds[index]?.pc ?? 0n);
  const listener: Listener<Place> = {
    probes: { encodings: isBranch },
    told: (machine, icount) => {
      const isHere = machine.hart === block.hart && describer.functionAt(machine.whereabouts.pc) === own;
      return isHere ? { seq: machine.position.seq, icount } : undefined;
    },
  };
  for (const place of history.placesBack(block, listener, WITHIN_INSNS)) {
    if (place === undefined) {
      yield;
      continue;
    }
    const branch = yield* history.retiring(place, block.hart);
    const at = branch.deeds.findLastIndex(({ kind, raw = 0 }) => kind === "instruction" && isBranch(raw));
    const target = branch.deeds[at]?.target;
    if (target === undefined) continue;
    const maker = { kind: "deed", block: branch, index: at } as const;
    return yield* context.once(`branch ${String(place.seq)} ${String(place.icount)} ${String(block.hart)}`, () => {
      const row = context.deedRow(maker, originsOf(target));
      return new Source(
        {
          ...row,
          kind: "branch",
          place: target.value === 1n ? "branch taken" : "branch not taken",
          value: target.value,
        },
        { sources: () => context.ofOrigins(originsOf(target), maker), conditions: () => conditionsOf(context, maker) },
      );
    });
  }
  return undefined;
}

/** The trap that led to where the hart is, and from which it has not returned. In user mode there is none. */
function* trapAround(context: Context, { block, index: deed }: DeedMaker): Steps<Source | undefined> {
  const own = block.deeds.slice(0, deed).findLastIndex(({ kind }) => kind !== "instruction");
  if (own >= 0) return yield* trapSource(context, { kind: "deed", block, index: own });
  if (block.state.harts[block.hart]?.fields.privilege === PRIVILEGE.user) return undefined;
  const { history } = context;
  const listener: Listener<Place & { readonly isTrap: boolean }> = {
    probes: { encodings: isReturn, traps: true },
    told: (machine, icount, { type }) =>
      machine.hart === block.hart ? { seq: machine.position.seq, icount, isTrap: type === "trap/taken" } : undefined,
  };
  let returns = 0;
  for (const place of history.placesBack(block, listener, WITHIN_INSNS)) {
    if (place === undefined) yield;
    else if (!place.isTrap) returns += 1;
    else if (returns > 0) returns -= 1;
    else {
      const trapped = yield* history.block(place, block.hart);
      const index = trapped.deeds.findLastIndex(({ kind }) => kind !== "instruction");
      return index < 0 ? undefined : yield* trapSource(context, { kind: "deed", block: trapped, index });
    }
  }
  return undefined;
}

function trapSource(context: Context, maker: DeedMaker): Steps<Source> {
  const deed = maker.block.deeds[maker.index];
  const cause = deed?.cause ?? 0n;
  const { seq, icount, hart } = maker.block;
  return context.once(`trap ${[seq, icount, hart, maker.index].join(" ")}`, () => {
    const row = { ...context.deedRow(maker, NONE), place: "trap", value: cause, text: trapName(cause) };
    return new Source(row, deed?.kind === "interrupt" ? { sources: () => raisers(context, maker) } : {});
  });
}

/** Who raised the line of an interrupt: events of devices, or a hart that set the bit itself. */
function* raisers(context: Context, { block, index }: DeedMaker): Steps<readonly Source[]> {
  const { state, hart } = block;
  const bit = 1 << Number((block.deeds[index]?.cause ?? 0n) & ~INTERRUPT_BIT & 0x1fn);
  const environment = { sources: interruptLinesOf(state).sources };
  const units = devices(state.config);
  const controllers = units.filter(
    (unit) => ((unit.device.hartLines?.(stateOf(state.platform, unit), hart, environment) ?? 0) & bit) !== 0,
  );
  if (controllers.length === 0) {
    const spot = { kind: "register", hart, key: "mip", bytes: [bit > 0xff ? 1 : 0] } as const;
    return [yield* context.resolve(spot, { seq: block.seq, icount: block.icount, hart, deeds: index })];
  }
  return controllers.flatMap((controller) =>
    controller.device.sourceMoved === undefined
      ? eventsOf(context, [controller], block)
      : eventsOf(
          context,
          units.filter((unit) => isRaising(unit, environment.sources)),
          block,
        ),
  );
}

const isRaising = ({ place: { source } }: Unit, sources: ArrayLike<number>): boolean =>
  source !== undefined && (((sources[source >> 5] ?? 0) >>> (source & 31)) & 1) === 1;

const eventsOf = ({ recording }: Context, units: readonly Unit[], { seq }: Block): readonly Source[] =>
  units.flatMap((unit) => {
    const event = lastEventOf(recording, unit, seq);
    return event === undefined ? [] : [eventSource(event)];
  });
