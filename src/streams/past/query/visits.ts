/** `visits` and `calls`: when a hart came to an instruction, or to a function, and with what. */
import type { Recording } from "../recording.js";
import { checkQuery, placeCodec, type AskedOptions } from "./asked.js";
import { argumentsOf, RowMaker, type RowOfHart } from "./row.js";
import { either, list, value } from "../../../options/codecs.js";
import { isCode, type Symbol } from "../../../machine/symbol-table.js";
import { MAX_PROBES } from "../../../machine/engine/probes.js";
import { PlaceError, parsePlace, physicalRanges, symbolNamed, type Place } from "./place.js";
import { Query } from "./query.js";
import type { Question } from "./question.js";
import { hexAddress } from "../../../reducers/hex.js";

export interface VisitsOptions extends AskedOptions {
  /** One instruction or several: symbols, or addresses. */
  readonly of: Place | readonly Place[];
}

/** An instruction that a hart fetched and was about to execute. */
export type Visit = RowOfHart;

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

const PLACES = either("a place, or a list of places", placeCodec, list(placeCodec));
const FUNCTIONS = value(
  "a function's name, a RegExp, or a list of names",
  (given) => typeof given === "string" || given instanceof RegExp || Array.isArray(given),
);

/** Arrivals at instructions. @throws {PlaceError} and, when it is read, as a replay does */
export function visits(recording: Recording, options: VisitsOptions): Query<Visit> {
  checkQuery("visits", recording, options, { of: PLACES });
  const { of, from, until, symbols = [] } = options;
  const ask = (): Question<Visit> => {
    const names = [...recording.symbols(), ...symbols];
    const places = (Array.isArray(of) ? (of as readonly Place[]) : [of as Place]).map((place) =>
      parsePlace(place, names),
    );
    const maker = new RowMaker(names);
    return {
      probes: { arrivals: places.map(({ address }) => physicalOf(address, () => recording.at(until))) },
      row: (machine, icount) => maker.of(machine, icount),
    };
  };
  return new Query(recording, ask, { from, until });
}

/** Calls of functions, also by jumps to their first instruction. Throws as `visits`. */
export function calls(recording: Recording, options: CallsOptions): Query<Call> {
  checkQuery("calls", recording, options, { of: FUNCTIONS });
  const { of, from, until, symbols = [] } = options;
  const ask = (): Question<Call> => {
    const names = [...recording.symbols(), ...symbols];
    const found = functionsNamed(of, names.filter(isCode));
    const byAddress = new Map(found.map(({ address, name }) => [address, name]));
    const maker = new RowMaker(names);
    return {
      probes: { arrivals: found.map(({ address }) => physicalOf(address, () => recording.at(until))) },
      row: (machine, icount) => {
        const at = maker.of(machine, icount);
        const name = byAddress.get(at.pc);
        // The same instruction, mapped elsewhere.
        if (name === undefined) return undefined;
        const returnAddress = machine.present.harts[machine.hart]?.x[RA] ?? 0n;
        const caller = maker.functionAt(returnAddress);
        return { ...at, function: name, args: argumentsOf(machine), returnAddress, caller };
      },
    };
  };
  return new Query(recording, ask, { from, until });
}

const RA = 1;

const physicalOf = (address: bigint, state: Parameters<typeof physicalRanges>[1]): number =>
  physicalRanges({ address, bytes: 2 }, state)[0]?.address ?? 0;

/** @throws {PlaceError} */
function functionsNamed(of: CallsOptions["of"], functions: readonly Symbol[]): readonly Symbol[] {
  if (typeof of === "string") return [symbolNamed(of, functions)];
  if (!(of instanceof RegExp)) return of.map((name) => symbolNamed(name, functions));
  const found = new Map(functions.filter(({ name }) => of.test(name)).map((symbol) => [symbol.address, symbol]));
  if (found.size === 0) throw new PlaceError("NO_SUCH_NAME", `no function's name matches ${String(of)}`);
  if (found.size > MAX_PROBES) {
    const first = hexAddress([...found.keys()][0] ?? 0n);
    const message = `${String(of)} matches ${String(found.size)} functions, from ${first} on; at most ${String(MAX_PROBES)} can be watched`;
    throw new PlaceError("AMBIGUOUS_NAME", message);
  }
  return [...found.values()];
}
