/** `x` and `xp`: memory in QEMU's formats, and as instructions. */
import { integerOf } from "../../../machine/little-endian.js";
import { readPhysical, readVirtual, type Inspected } from "../../../machine/inspect.js";
import { disassemble } from "../../../machine/isa/disassemble.js";
import { hex, hex64, hexAddress } from "../../../reducers/hex.js";
import { MonitorError } from "../target/monitor-error.js";
import type { Names } from "../../past/names/names.js";
import { numberText } from "./number-text.js";

interface Format {
  readonly count: number;
  readonly letter: string;
  readonly bytes: number;
}

export const MAX_COUNT = 65_536;
const SIZES: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, g: 8 };

/** `/8xw` and the like: a count, one of x d u o c i, one of b h w g. @throws {MonitorError} */
export function formatOf(text: string | undefined): Format {
  const match =
    /^\/(\d*)([xduoci]?)([bhwg]?)$/.exec(text ?? "/") ?? /^\/(\d*)([xduoci]?)([bhwg]?)$/.exec(swapped(text));
  if (match === null) {
    throw new MonitorError("INVALID_FORMAT", `${text ?? ""}: use /COUNT, x d u o c or i, and b h w or g, such as /8xw`);
  }
  const [, digits = "", letter = "", size = ""] = match;
  const count = digits === "" ? 1 : Number(digits);
  if (count > MAX_COUNT) {
    throw new MonitorError("INVALID_FORMAT", `/${digits}: at most ${String(MAX_COUNT)} are shown at a time`);
  }
  return {
    count,
    letter: letter === "" ? "x" : letter,
    bytes: letter === "c" ? 1 : (SIZES[size] ?? 4),
  };
}

/** @throws {MonitorError} */
export function memoryText(
  { present, names }: { readonly present: Inspected; readonly names?: Names },
  address: bigint,
  format: Format,
  isPhysical: boolean,
): string {
  const read = (at: bigint, length: number): Uint8Array => {
    const bytes = (isPhysical ? readPhysical : readVirtual)(present, BigInt.asUintN(64, at), length);
    if (bytes === undefined) throw new MonitorError("CANNOT_ACCESS", `nothing is at ${hexAddress(at)}`);
    return bytes;
  };
  const lines = format.letter === "i" ? instructions(address, format, read, names) : values(address, format, read);
  return lines.join("\n");
}

type Read = (at: bigint, length: number) => Uint8Array;

function values(address: bigint, { count, letter, bytes }: Format, read: Read): string[] {
  const perLine = (bytes === 1 ? 8 : 16) / bytes;
  return Array.from({ length: Math.ceil(count / perLine) }, (_, line) => {
    const first = line * perLine;
    const cells = Array.from({ length: Math.min(perLine, count - first) }, (_cell, index) =>
      cell(integerOf(read(address + BigInt((first + index) * bytes), bytes)), letter, bytes),
    );
    return `${hex64(address + BigInt(first * bytes))}:${cells.map((text) => ` ${text}`).join("")}`;
  });
}

function cell(value: bigint, letter: string, bytes: number): string {
  const bits = bytes * 8;
  const text = numberText(value, letter, bits);
  switch (letter) {
    case "d":
    case "u":
      return text.padStart(Math.ceil((bits * 10) / 33));
    case "o":
      return text.padStart(Math.ceil(bits / 3));
    case "c":
      return text;
    default:
      return hexAddress(value, bytes * 2);
  }
}

function instructions(address: bigint, { count }: Format, read: Read, names: Names | undefined): string[] {
  const lines: string[] = [];
  for (let at = address; lines.length < count;) {
    const low = Number(integerOf(read(at, 2)));
    const isShort = (low & 3) !== 3;
    const raw = isShort ? low : low + Number(integerOf(read(at + 2n, 2))) * 0x1_0000;
    const name = names?.of(at);
    lines.push(
      `0x${hex64(at)}${name === undefined ? "" : ` <${name}>`}:  ${hex(raw, isShort ? 4 : 8).padEnd(8)}  ${disassemble(raw | 0)}`,
    );
    at += isShort ? 2n : 4n;
  }
  return lines;
}

const swapped = (text: string | undefined): string => (text ?? "").replace(/([bhwg])([xduoci])$/, "$2$1");
