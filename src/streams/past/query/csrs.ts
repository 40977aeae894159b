/** `csrs`: what instructions wrote to control and status registers. */
import { CSRS } from "../../../machine/hart/csr.js";
import { readCsr } from "../../../machine/inspect.js";
import { maybe, oneOf, oneOrList } from "../../../options/codecs.js";
import type { Recording } from "../recording.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";

export interface CsrsOptions extends AskedOptions {
  /** One CSR or several, by their names in the privileged specification; all where it is left out. */
  readonly of?: string | readonly string[] | undefined;
}

/** A write that an instruction is about to make. What a trap changes is no write. */
export interface CsrWrite extends RowOfHart {
  /** The name by which it is written: `sstatus` is a part of `mstatus`. */
  readonly csr: string;
  /** As the instruction would have it; the CSR may keep less of it. */
  readonly value: bigint;
  readonly before: bigint;
}

const NUMBERS: ReadonlyMap<string, number> = new Map([...CSRS].map(([number, { name }]) => [name, number]));
const NAME = oneOf(...NUMBERS.keys());

/** Writes to CSRs, in order. Throws, when it is read, as a replay does. */
export function csrs(recording: Recording, options: CsrsOptions = {}): Query<CsrWrite> {
  checkQuery("csrs", recording, options, { of: maybe(oneOrList(NAME)) });
  const { of, from, until } = options;
  const names = of === undefined ? [...NUMBERS.keys()] : typeof of === "string" ? [of] : of;
  const open = (): Reading<CsrWrite> => {
    const namer = new Namer(recording.names);
    return readingOf(csrsKind, names, (found) => namer.name<CsrWrite>(found));
  };
  return new Query(recording, open, { from, until });
}

/** Asked about names. */
export const csrsKind: Kind<readonly string[], Unnamed<CsrWrite>> = {
  name: "csrs",
  listen: (names) => ({
    probes: { csrWrites: names.flatMap((name) => NUMBERS.get(name) ?? []) },
    told: (machine, icount, probed) => {
      if (probed.type !== "csr/written") return undefined;
      const csr = CSRS.get(probed.csr)?.name ?? String(probed.csr);
      const before = readCsr(machine.present, csr) ?? 0n;
      const value = (before & ~probed.mask) | probed.value;
      return { ...hartThere(machine, icount), csr, value, before };
    },
  }),
};
