/**
 * A console as an asciicast, version 2, which asciinema and its player show:
 * https://docs.asciinema.org/manual/asciicast/v2/. A line is a JSON array of time, direction and text.
 */
import { check } from "../../../options/check.js";
import { distance, exactly, maybe, text, value } from "../../../options/codecs.js";
import { someRows } from "../../past/query/rows.js";
import type { FormRow, FormRows } from "../form-rows.js";
import { bytesOfLatin1 } from "../letters.js";

export interface AsciicastOptions {
  /** Of the terminal, in letters (80). */
  readonly width?: number | undefined;
  /** (24). */
  readonly height?: number | undefined;
  readonly title?: string | undefined;
  /** The virtual clock where the cast begins, in ns (0). */
  readonly startNs?: bigint | undefined;
}

/** What is printed within a frame of a screen at 1,000 Hz is one piece. */
const PIECE_NS = 1_000_000n;
/** A guest may print much within that: then it is several. */
export const MAX_PIECE_LETTERS = 1 << 16;

/**
 * Line by line, each with its end. Of the rows, those of `printed` and consoles' inputs (`uart16550/byteReceived`,
 * `virtioConsole/bytesReceived`) are in it. @throws {OptionError} and what `rows` throws
 */
export function toAsciicast(rows: FormRows, options: AsciicastOptions = {}): AsyncGenerator<string, void> {
  check("toAsciicast", exactly<{ readonly rows: FormRows }>({ rows: someRows }), { rows });
  check("toAsciicast", OPTIONS, options);
  return linesOf(rows, options);
}

const OPTIONS = exactly<AsciicastOptions>({
  width: maybe(distance),
  height: maybe(distance),
  title: maybe(text),
  startNs: maybe(value("a bigint", (given) => typeof given === "bigint")),
});

async function* linesOf(
  rows: FormRows,
  { width = 80, height = 24, title, startNs = 0n }: AsciicastOptions,
): AsyncGenerator<string, void> {
  yield `${JSON.stringify({ version: 2, width, height, title })}\n`;
  const pieces = new Pieces(startNs);
  for await (const row of rows) {
    const said = saidBy(row as FormRow);
    if (said !== undefined) yield* pieces.add(row.ns, said);
  }
  yield* pieces.end();
}

/** `from`: whose letters they are, since those of two consoles are no letters together. */
interface Said {
  readonly direction: "i" | "o";
  readonly from: string;
  readonly bytes: Uint8Array;
}

function saidBy(row: FormRow): Said | undefined {
  const { kind, type, port, text: printed, byte, slot, bytes } = row;
  if (kind === "printed" && typeof port === "string" && typeof printed === "string")
    return { direction: "o", from: port, bytes: bytesOfLatin1(printed) };
  if (type === "uart16550/byteReceived" && typeof byte === "number")
    return { direction: "i", from: "uart16550", bytes: Uint8Array.of(byte) };
  if (type === "virtioConsole/bytesReceived" && bytes instanceof Uint8Array)
    return { direction: "i", from: `virtioConsole${String(slot)}`, bytes };
  return undefined;
}

type Decoder = InstanceType<typeof TextDecoder>;

/** Letters that come together are a piece, and one that is not whole yet waits for its other bytes. */
class Pieces {
  private direction: Said["direction"] = "o";
  private sinceNs = 0n;
  private text = "";
  private readonly decoders = new Map<string, Decoder>();

  constructor(private readonly startNs: bigint) {}

  *add(ns: bigint, { direction, from, bytes }: Said): Generator<string> {
    if (direction !== this.direction || ns - this.sinceNs >= PIECE_NS || this.text.length >= MAX_PIECE_LETTERS) {
      yield* this.piece();
      this.sinceNs = ns;
    }
    this.direction = direction;
    this.text += this.decoderOf(`${direction}${from}`).decode(bytes, { stream: true });
  }

  /** With what never became a letter. */
  *end(): Generator<string> {
    for (const [key, decoder] of this.decoders) {
      const rest = decoder.decode();
      if (rest === "") continue;
      const direction = key.startsWith("i") ? "i" : "o";
      if (direction !== this.direction) yield* this.piece();
      this.direction = direction;
      this.text += rest;
    }
    yield* this.piece();
  }

  private *piece(): Generator<string> {
    if (this.text === "") return;
    yield `[${seconds(this.sinceNs - this.startNs)}, "${this.direction}", ${JSON.stringify(this.text)}]\n`;
    this.text = "";
  }

  private decoderOf(from: string): Decoder {
    const known = this.decoders.get(from) ?? new TextDecoder("utf-8", { ignoreBOM: true });
    this.decoders.set(from, known);
    return known;
  }
}

/** All nine digits, which a floating-point number would lose. What was before the beginning is there at once. */
function seconds(givenNs: bigint): string {
  const ns = givenNs > 0n ? givenNs : 0n;
  return `${String(ns / 1_000_000_000n)}.${String(ns % 1_000_000_000n).padStart(9, "0")}`;
}
