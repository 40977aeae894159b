/** How often things happened, and how many bytes went where: by the second, in each stretch of the virtual clock. */
import type { FormRow } from "../form-rows.js";

export interface RateAt {
  readonly name: string;
  readonly ns: bigint;
  readonly aSecond: number;
}

const STRETCH_NS = 5_000_000n;
const STRETCHES_A_SECOND = 200;

export class Rates {
  private readonly rates = new Map<string, Rate>();

  /** Of the stretches that the row ends, where the rate is another one than before. */
  *hear(row: FormRow): Generator<RateAt, void> {
    for (const [name, amount] of amountsOf(row)) {
      const rate = this.rates.get(name) ?? new Rate(name);
      this.rates.set(name, rate);
      yield* rate.add(row.ns, amount);
    }
  }

  *end(): Generator<RateAt, void> {
    for (const rate of this.rates.values()) yield* rate.end();
  }
}

/** Rows of one kind are in order, while those of two are not, so each rate has a stretch of its own. */
class Rate {
  private stretch: bigint | undefined;
  private amount = 0;

  constructor(private readonly name: string) {}

  *add(ns: bigint, amount: number): Generator<RateAt, void> {
    const stretch = ns / STRETCH_NS;
    if (stretch !== this.stretch) {
      yield* this.told(stretch);
      this.stretch = stretch;
      this.amount = 0;
    }
    this.amount += amount;
  }

  end(): Generator<RateAt, void> {
    return this.told(undefined);
  }

  /** The present stretch; and that nothing happens from its end on, where `next` is not the one behind it. */
  private *told(next: bigint | undefined): Generator<RateAt, void> {
    const { name, stretch, amount } = this;
    if (stretch === undefined) return;
    yield { name, ns: stretch * STRETCH_NS, aSecond: amount * STRETCHES_A_SECOND };
    if (next !== stretch + 1n) yield { name, ns: (stretch + 1n) * STRETCH_NS, aSecond: 0 };
  }
}

type Amount = readonly [name: string, amount: number];

function amountsOf(row: FormRow): readonly Amount[] {
  switch (row.kind) {
    case "switches":
      return [["task switches", 1]];
    case "syscalls":
      return [["system calls", 1]];
    case "traps":
      return [[row["isInterrupt"] === true ? "interrupts" : "exceptions", 1]];
    case "predicted":
      return [["predicted events", 1]];
    case "input":
      return [["inputs", 1], ...received(row)];
    case "requests":
      return asked(row);
    default:
      return [];
  }
}

function received({ type, bytes, frame }: FormRow): readonly Amount[] {
  if (type === "uart16550/byteReceived") return [["console bytes in", 1]];
  if (type === "virtioConsole/bytesReceived") return [["console bytes in", (bytes as Uint8Array).length]];
  if (type === "virtioNet/frameReceived") return [["network bytes in", (frame as Uint8Array).length]];
  return [];
}

const ASKED: Readonly<Record<string, string>> = {
  print: "console bytes out",
  read: "disk bytes read",
  write: "disk bytes written",
  send: "network bytes out",
};

function asked(row: FormRow): readonly Amount[] {
  const name = ASKED[String(row["action"])];
  return name === undefined ? [] : [[name, Number(row["bytes"])]];
}
