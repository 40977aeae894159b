/** What `calls` should say of results: each arrival at a function is looked up at every later instruction. */
import type { Deed } from "./deeds.js";
import { Lines } from "./lines.js";
import type { CalledFunction, Expected } from "./questions.js";

interface Begun {
  readonly resultBits: number;
  /** Undefined: it is called by another address than its name's, and is no row. */
  readonly row: string | undefined;
  /** Of the caller: they are the same again where it goes on. */
  readonly space: bigint;
  readonly returnAddress: bigint;
  returned: string;
}

export class CallsHeard implements Expected {
  readonly kinds = ["reached"] as const;
  private readonly all: Begun[] = [];
  /** Those that did not return, by their stack pointers. */
  private readonly open = new Map<bigint, readonly Begun[]>();

  constructor(
    private readonly functions: readonly CalledFunction[],
    private readonly whenAndWho: (deed: Deed) => string,
  ) {}

  hear(deed: Deed): void {
    const { passed, pc = 0n } = deed;
    this.settle(deed);
    const called = this.functions.find(({ physical }) => physical === Number(deed.address));
    if (called === undefined) return;
    const { space, ra: returnAddress, sp } = passed;
    const row = called.virtual === pc ? this.whenAndWho(deed) : undefined;
    const begun = { resultBits: called.resultBits, row, space, returnAddress, returned: "" };
    this.all.push(begun);
    this.open.set(sp, [...(this.open.get(sp) ?? []), begun]);
  }

  get lines(): Lines {
    const lines = new Lines();
    for (const { row, returned } of this.all) if (row !== undefined) lines.add(row + returned);
    return lines;
  }

  private settle({ seq, icount, ns, pc = 0n, value: raw = 0n, passed: { a, sp, space } }: Deed): void {
    const waiting = this.open.get(sp);
    if (waiting === undefined) return;
    const goesOnAt = pc + callLength(raw);
    const left = waiting.filter((begun) => {
      if (begun.space !== space) return true;
      const hasReturned = begun.returnAddress === pc;
      const value = begun.resultBits === 0 ? "typed" : BigInt.asUintN(begun.resultBits, a[0] ?? 0n);
      if (hasReturned) begun.returned = ` ${[seq, icount, ns, value].map(String).join(" ")}`;
      // It calls again from the place that the earlier call never came back to.
      return !hasReturned && begun.returnAddress !== goesOnAt;
    });
    if (left.length > 0) this.open.set(sp, left);
    else this.open.delete(sp);
  }
}

/** Of an instruction that calls; of another one, what leads nowhere (unprivileged spec, §2.5.1, and §27.2 for C). */
function callLength(raw: bigint): bigint {
  const isShort = (raw & 3n) !== 3n;
  if (isShort) return (raw & 0xf07fn) === 0x9002n && (raw & 0xf80n) !== 0n ? 2n : -1n;
  const opcode = raw & 0x7fn;
  const linksRa = (raw & 0xf80n) === 0x80n;
  return linksRa && (opcode === 0x6fn || opcode === 0x67n) ? 4n : -1n;
}
