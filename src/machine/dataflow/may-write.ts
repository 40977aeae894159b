/**
 * Which registers and fields of a hart an instruction may write, whatever it reads: the table of semantics, with all of
 * its ways taken. Traps are left out: they write the same fields wherever they come from.
 */
import type { HartField } from "../hart/fields.js";
import type { Variable, Width } from "../hart/ops.js";
import type { Procedure, SystemOps } from "../hart/system-ops.js";
import { takeTrap } from "../hart/trap.js";
import { decode } from "../isa/decode.js";
import type { RegisterKey } from "./deed.js";

const known = new Map<number, ReadonlySet<RegisterKey>>();
/** Programs have some ten thousand encodings. */
export const MAX_KNOWN_ENCODINGS = 1 << 16;

/** Of an encoding: those that it may write. Nothing for one that is illegal. */
export function mayWrite(raw: number): ReadonlySet<RegisterKey> {
  let found = known.get(raw);
  if (found === undefined) {
    if (known.size >= MAX_KNOWN_ENCODINGS) known.clear();
    found = writtenBy(raw);
    known.set(raw, found);
  }
  return found;
}

/** What every trap may write. */
export const writtenByTraps = (): ReadonlySet<RegisterKey> => {
  const effects = new Effects();
  takeTrap.body<Unknown, undefined, number>(effects, undefined, undefined);
  return effects.written;
};

function writtenBy(raw: number): ReadonlySet<RegisterKey> {
  const decoded = decode(raw);
  const effects = new Effects();
  if (decoded === undefined) return effects.written;
  const { instruction, rd, rs1, rs2, rs3, imm } = decoded;
  const operands = { rd, rs1, rs2, rs3, imm: BigInt(imm), uimm: undefined, rm: undefined };
  instruction.execute<Unknown, undefined, number>(effects, operands);
  return effects.written;
}

/** A value: known where it is a constant. */
type Unknown = bigint | undefined;
type Every = SystemOps<Unknown, undefined, number>;

const unknown = (): undefined => undefined;

class Effects implements Every {
  readonly written = new Set<RegisterKey>();

  i64 = (value: bigint): Unknown => value;
  bind = (value: Unknown): Unknown => value;
  add = unknown;
  sub = unknown;
  mul = unknown;
  divS = unknown;
  divU = unknown;
  remS = unknown;
  remU = unknown;
  and = unknown;
  or = unknown;
  xor = unknown;
  shl = unknown;
  shrU = unknown;
  shrS = unknown;
  signExtend = unknown;
  zeroExtend = unknown;
  eq = unknown;
  ne = unknown;
  ltS = unknown;
  ltU = unknown;
  geS = unknown;
  geU = unknown;
  both = unknown;
  either = unknown;
  not = unknown;
  bit = unknown;
  select = unknown;
  x = unknown;
  f = unknown;
  field = unknown;
  pmpAddress = unknown;
  input = unknown;
  note = unknown;
  isRam = unknown;
  physicalLoad = unknown;
  load = (_width: Width): Unknown => undefined;
  loadForStore = (_width: Width): Unknown => undefined;
  roundingMode = unknown;
  pc = unknown;
  nextPc = unknown;
  setNote = unknown;
  store = unknown;
  physicalStore = unknown;
  notePageTable = unknown;
  requireFloat = unknown;
  jumpTo = unknown;
  jumpBy = unknown;
  branchBy = unknown;
  trap = unknown;
  illegal = unknown;
  resume = unknown;
  pause = unknown;
  contextChanged = unknown;
  translationsChanged = unknown;

  when(_condition: undefined, then: () => void, otherwise?: () => void): void {
    then();
    otherwise?.();
  }

  variable(): Variable<Unknown> {
    return { get: unknown, set: unknown };
  }

  loop(_condition: () => undefined, body: () => void): void {
    body();
  }

  choose(selector: Unknown, cases: readonly (readonly [number, () => Unknown])[], otherwise: () => Unknown): Unknown {
    const possible = cases.filter(([number]) => selector === undefined || BigInt(number) === selector);
    for (const [, take] of possible) take();
    if (selector === undefined || possible.length === 0) otherwise();
    return undefined;
  }

  invoke<Arity extends number>(procedure: Procedure<Arity>, ...inputs: readonly Unknown[]): Unknown {
    return procedure.body<Unknown, undefined, number>(this, ...inputs);
  }

  setX(register: number): void {
    if (register !== 0) this.written.add(`x${register}`);
  }

  setF(register: number): void {
    this.written.add(`f${register}`);
  }

  setField(name: HartField): void {
    this.written.add(name);
  }

  floatWritten(): void {
    this.written.add("mstatus");
  }

  float(): Unknown {
    this.written.add("fflags").add("mstatus");
    return undefined;
  }

  waitForInterrupt(): void {
    this.written.add("waiting");
  }
}
