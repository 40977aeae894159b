/** `calls`: when a hart came to a function, with what, and from where. */
import { value } from "../../../options/codecs.js";
import type { Symbol } from "../../../machine/symbol-table.js";
import { MAX_PROBES } from "../../../machine/engine/probes.js";
import { hexAddress } from "../../../reducers/hex.js";
import type { Recording } from "../recording.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import type { Names } from "../names/names.js";
import { PlaceError } from "../names/place-error.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { argumentsOf, hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";
import { physicalOf } from "./visits.js";

export interface CallsOptions extends AskedOptions {
  /** Functions by name, or by a pattern that their names match. */
  readonly of: string | RegExp | readonly string[];
}

/** A hart at the first instruction of a function. */
export interface Call extends RowOfHart {
  readonly function: string;
  /** a0 to a7, the registers in which the calling convention passes arguments. */
  readonly args: readonly bigint[];
  /** Where it returns to: the value of ra. */
  readonly returnAddress: bigint;
  /** The function that is in; undefined where no symbol tells. */
  readonly caller: string | undefined;
}

const FUNCTIONS = value(
  "a function's name, a RegExp, or a list of names",
  (given) => typeof given === "string" || given instanceof RegExp || Array.isArray(given),
);

/** Calls of functions, also by jumps to their first instruction. Throws as `visits`. */
export function calls(recording: Recording, options: CallsOptions): Query<Call> {
  checkQuery("calls", recording, options, { of: FUNCTIONS });
  const { of, from, until } = options;
  const open = (): Reading<Call> => {
    const { names } = recording;
    const found = functionsNamed(of, names);
    const byAddress = new Map(found.map(({ address, name }) => [address, name]));
    const arrivals = found.map(({ address }) => physicalOf(address, () => recording.at(until)));
    const namer = new Namer(names);
    return readingOf(callsKind, arrivals, (call) => {
      const name = byAddress.get(call.pc);
      // The same instruction, mapped elsewhere.
      if (name === undefined) return undefined;
      return Object.assign(namer.name<Omit<Call, "caller">>(call), {
        function: name,
        caller: namer.functionAt(call.returnAddress),
      });
    });
  };
  return new Query(recording, open, { from, until });
}

const RA = 1;

/** Asked about the physical addresses of first instructions. */
export const callsKind: Kind<readonly number[], Omit<Unnamed<Call>, "caller">> = {
  name: "calls",
  listen: (arrivals) => ({
    probes: { arrivals },
    told: (machine, icount, probed) => {
      if (probed.type !== "instruction/reached") return undefined;
      return Object.assign(hartThere(machine, icount), { args: argumentsOf(machine), returnAddress: machine.x(RA) });
    },
  }),
};

/** @throws {PlaceError} */
function functionsNamed(of: CallsOptions["of"], names: Names): readonly Symbol[] {
  if (typeof of === "string") return [names.named(of)];
  if (!(of instanceof RegExp)) return of.map((name) => names.named(name));
  const found = names.functionsNamed(of);
  if (found.length === 0) throw new PlaceError("NO_SUCH_NAME", `no function's name matches ${String(of)}`);
  if (found.length <= MAX_PROBES) return found;
  const first = hexAddress(found[0]?.address ?? 0n);
  const message = `${String(of)} matches ${String(found.length)} functions, from ${first} on; at most ${String(MAX_PROBES)} can be watched`;
  throw new PlaceError("AMBIGUOUS_NAME", message);
}
