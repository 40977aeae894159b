/** `calls`: when a hart came to a function, with what, from where, and what came of it. */
import { flag, maybe, value } from "../../../options/codecs.js";
import type { Machine } from "../../../machine/machine.js";
import type { Carried, Needed } from "../names/passed-values.js";
import type { GuestValue } from "../names/value.js";
import type { Recording } from "../recording.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { carriedAtCall } from "./call-values.js";
import { calledFunctions, type CalledFunction } from "./called-functions.js";
import { CallsInOrder, type Returned } from "./calls-in-order.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Listener, type Reading } from "./question.js";
import { Returns, type Settled } from "./returns.js";
import { argumentsOf, hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";
import { physicalOf } from "./visits.js";

export type { Returned } from "./calls-in-order.js";

export interface CallsOptions extends AskedOptions {
  /** Functions by name, or by a pattern that their names match. */
  readonly of: string | RegExp | readonly string[];
  /** Each row with what the call returned, and when: `last()` then begins at the range's beginning. */
  readonly results?: boolean | undefined;
}

/** A hart at the first instruction of a function. */
export interface Call extends RowOfHart {
  readonly function: string;
  /** a0 to a7, the registers in which the calling convention passes arguments. */
  readonly args: readonly bigint[];
  /**
   * By name, as the function's type says; frozen. What can't be placed is left out. Undefined where no type is known.
   */
  readonly parameters: Readonly<Record<string, GuestValue>> | undefined;
  /** Where it returns to: the value of ra. */
  readonly returnAddress: bigint;
  /** The function that is in; undefined where no symbol tells. */
  readonly caller: string | undefined;
  /**
   * With `results`: where the caller went on. Undefined: it did not until the range's end, or until 65,536 calls later,
   * or called again from the same frame without, as after longjmp.
   */
  readonly returned?: Returned | undefined;
}

const FUNCTIONS = value(
  "a function's name, a RegExp, or a list of names",
  (given) => typeof given === "string" || given instanceof RegExp || Array.isArray(given),
);

/** Calls of functions, also by jumps to their first instruction. Throws as `visits`. */
export function calls(recording: Recording, options: CallsOptions): Query<Call> {
  checkQuery("calls", recording, options, { of: FUNCTIONS, results: maybe(flag) });
  const { of, from, until, results = false } = options;
  const open = (): Reading<Call> => {
    const { names } = recording;
    const found = calledFunctions(of, names);
    const functions = found.map(({ address, needed, neededAtReturn }): WatchedFunction => {
      const physical = physicalOf(address, () => recording.at(until));
      return { address: physical, needed, neededAtReturn };
    });
    const rowOf = rowsOf(found, new Namer(names));
    if (results) return readingWithResults(functions, rowOf);
    return readingOf(callsKind, functions, (call) => rowOf(call)?.row);
  };
  return new Query(recording, open, { from, until });
}

/** What a question says of a function: its physical address, and what is to be read there. */
interface WatchedFunction {
  readonly address: number;
  readonly needed: Needed | undefined;
  readonly neededAtReturn: Needed | undefined;
}

/** `parameters`: what it takes to tell them, beside a0 to a7. */
interface FoundCall extends Omit<Unnamed<Call>, "parameters" | "caller" | "returned"> {
  readonly parameters: Carried | undefined;
  readonly caller: undefined;
}

type OwnCall = { -readonly [Member in keyof Call]: Call[Member] };
type RowOf = (found: FoundCall) => { readonly row: OwnCall; readonly called: CalledFunction } | undefined;

function rowsOf(found: readonly CalledFunction[], namer: Namer): RowOf {
  const byAddress = new Map(found.map((one) => [one.address, one]));
  return (call) => {
    const called = byAddress.get(call.pc);
    // The same instruction, mapped elsewhere.
    if (called === undefined) return undefined;
    const row = namer.name<OwnCall>(call as unknown as Unnamed<Call>);
    row.function = called.name;
    row.caller = namer.functionAt(call.returnAddress);
    row.parameters = called.parameters?.(call.parameters ?? { a: call.args, fa: [], stack: [], memory: [] });
    return { row, called };
  };
}

const RA = 1;

const callThere = (machine: Machine, icount: number, needed: Needed | undefined): FoundCall => {
  const args = argumentsOf(machine);
  const parameters = needed && carriedAtCall(machine, args, needed);
  const returnAddress = machine.x(RA);
  return Object.assign(hartThere(machine, icount), { args, parameters, returnAddress, caller: undefined });
};

const neededBy = (
  functions: readonly WatchedFunction[],
  which: "needed" | "neededAtReturn",
): ReadonlyMap<number, Needed> =>
  new Map(functions.flatMap((one) => (one[which] === undefined ? [] : [[one.address, one[which]]])));

/** Asked about the physical addresses of first instructions. */
export const callsKind: Kind<readonly WatchedFunction[], FoundCall> = {
  name: "calls",
  listen: (functions) => {
    const needed = neededBy(functions, "needed");
    return {
      probes: { arrivals: functions.map(({ address }) => address) },
      told: (machine, icount, probed) =>
        probed.type === "instruction/reached" ? callThere(machine, icount, needed.get(probed.address)) : undefined,
    };
  },
};

/** An instruction may be where one call returns to, and where another one begins. */
interface FoundResult {
  readonly settled: Settled | undefined;
  readonly call: FoundCall | undefined;
}

/** A call may return in another part of the recording than it began in, so all of it is heard in one piece. */
export const callResultsKind: Kind<readonly WatchedFunction[], FoundResult> = {
  name: "callResults",
  listen: (functions): Listener<FoundResult> => {
    const needed = neededBy(functions, "needed");
    const neededAtReturn = neededBy(functions, "neededAtReturn");
    const addresses = new Set(functions.map(({ address }) => address));
    const returns = new Returns([...addresses]);
    return {
      get probes() {
        return returns.probes;
      },
      needsAll: true,
      told: (machine, icount, probed) => {
        if (probed.type !== "instruction/reached") return undefined;
        const { address } = probed;
        const settled = returns.reached(machine, icount, address);
        const isCall = addresses.has(address);
        if (isCall) returns.called(machine, neededAtReturn.get(address));
        const call = isCall ? callThere(machine, icount, needed.get(address)) : undefined;
        return settled === undefined && call === undefined ? undefined : { settled, call };
      },
    };
  },
};

const NOTHING = (): undefined => undefined;

function readingWithResults(functions: readonly WatchedFunction[], rowOf: RowOf): Reading<Call> {
  const inOrder = new CallsInOrder<OwnCall>();
  return {
    question: { kind: callResultsKind.name, about: functions },
    listen: () => callResultsKind.listen(functions),
    isOrdered: true,
    take(found, emit) {
      const { settled, call } = found as FoundResult;
      if (settled !== undefined) inOrder.settled(settled, emit);
      if (call === undefined) return;
      const { row, called } = rowOf(call) ?? {};
      if (row !== undefined) row.returned = undefined;
      inOrder.called(row, called?.result ?? NOTHING, emit);
    },
    end(emit) {
      inOrder.end(emit);
    },
  };
}
