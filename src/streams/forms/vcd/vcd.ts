/**
 * Signals as a value change dump (IEEE Std 1364-2001 §18), which GTKWave and other viewers of waves open. A unit of its
 * time is 1 ns of the guest's virtual clock.
 */
import { check } from "../../../options/check.js";
import { exactly, maybe, value } from "../../../options/codecs.js";
import { someRows } from "../../past/query/rows.js";
import type { FormRow, FormRows } from "../form-rows.js";

export interface VcdOptions {
  /** The virtual clock where the dump ends, in ns: the last values last until then. Default: at the last change. */
  readonly endNs?: bigint | undefined;
}

/**
 * Line by line, each with its end. Of the rows, those of `signals` are in it: first the initial ones, which say what
 * there is. @throws {OptionError} and what `rows` throws
 */
export function toVcd(rows: FormRows, options: VcdOptions = {}): AsyncGenerator<string, void> {
  check("toVcd", exactly<{ readonly rows: FormRows }>({ rows: someRows }), { rows });
  check("toVcd", OPTIONS, options);
  return linesOf(rows, options);
}

const OPTIONS = exactly<VcdOptions>({ endNs: maybe(value("a bigint", (given) => typeof given === "bigint")) });

interface Wave {
  readonly id: string;
  readonly signal: string;
  readonly bits: number;
  readonly initial: bigint;
}

async function* linesOf(rows: FormRows, { endNs }: VcdOptions): AsyncGenerator<string, void> {
  const waves = new Map<string, Wave>();
  let startNs = 0n;
  let presentNs: bigint | undefined;
  for await (const given of rows) {
    const row = given as FormRow;
    if (row.kind !== "signals") continue;
    const { ns } = row;
    const [signal, bits, value] = [String(row["signal"]), Number(row["bits"]), row["value"] as bigint];
    if (row["isInitial"] === true) {
      startNs = ns;
      waves.set(signal, { id: idOf(waves.size), signal, bits, initial: value });
      continue;
    }
    const wave = waves.get(signal);
    if (wave === undefined) continue;
    if (presentNs === undefined) yield* header([...waves.values()], startNs);
    if (ns !== (presentNs ?? startNs)) yield `#${String(ns)}\n`;
    presentNs = ns;
    yield changeOf(wave, value);
  }
  if (presentNs === undefined) yield* header([...waves.values()], startNs);
  if (endNs !== undefined && endNs > (presentNs ?? startNs)) yield `#${String(endNs)}\n`;
}

function* header(waves: readonly Wave[], startNs: bigint): Generator<string, void> {
  yield "$timescale 1 ns $end\n";
  const scopes = new Map<string, Wave[]>();
  for (const wave of waves) {
    const [scope] = partsOf(wave.signal);
    const known = scopes.get(scope);
    if (known === undefined) scopes.set(scope, [wave]);
    else known.push(wave);
  }
  for (const [scope, own] of scopes) {
    yield `$scope module ${scope} $end\n`;
    for (const { id, signal, bits } of own) {
      const [, name] = partsOf(signal);
      yield `$var wire ${String(bits)} ${id} ${name}${bits === 1 ? "" : ` [${String(bits - 1)}:0]`} $end\n`;
    }
    yield "$upscope $end\n";
  }
  yield `$enddefinitions $end\n#${String(startNs)}\n$dumpvars\n`;
  for (const wave of waves) yield changeOf(wave, wave.initial);
  yield "$end\n";
}

const changeOf = ({ id, bits }: Wave, value: bigint): string =>
  bits === 1 ? `${String(value)}${id}\n` : `b${value.toString(2)} ${id}\n`;

/** Device and signal, as one word each: white space would end them. */
function partsOf(signal: string): readonly [scope: string, name: string] {
  const at = signal.indexOf(".");
  const [scope, name] = at < 0 ? ["machine", signal] : [signal.slice(0, at), signal.slice(at + 1)];
  return [asWord(scope), asWord(name)];
}

const asWord = (text: string): string => text.replace(/[^!-~]/g, "_").replace(/^\$/, "_") || "_";

const FIRST_LETTER = 33;
const LETTERS = 94;

/** Any printable letters but white space. */
function idOf(index: number): string {
  const letter = String.fromCharCode(FIRST_LETTER + (index % LETTERS));
  return index < LETTERS ? letter : idOf(Math.floor(index / LETTERS) - 1) + letter;
}
