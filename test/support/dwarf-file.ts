// ELF files with debugging information that no compiler would write.
import { concatenated } from "../../src/reducers/concatenated.js";

type Part = number | string | Uint8Array | readonly Part[];

/** Numbers are bytes, texts end with a zero. */
export const bytes = (...parts: readonly Part[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part): number[] => {
      if (typeof part === "number") return [part & 0xff];
      if (typeof part === "string") return [...new TextEncoder().encode(part), 0];
      return part instanceof Uint8Array ? [...part] : [...bytes(...part)];
    }),
  );

const number = (size: number, value: number | bigint): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => Number((BigInt(value) >> BigInt(index * 8)) & 0xffn));

export const u16 = (value: number): Uint8Array => number(2, value);
export const u32 = (value: number): Uint8Array => number(4, value);
export const u64 = (value: number | bigint): Uint8Array => number(8, value);

export const uleb = (value: number): Uint8Array => {
  const digits: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    digits.push((rest % 128) | (rest < 128 ? 0 : 0x80));
    if (rest < 128) return Uint8Array.from(digits);
  }
};

/** Many times the same bytes, without a list of them. */
export function repeated(part: Uint8Array, times: number, ...then: readonly Part[]): Uint8Array {
  const end = bytes(...then);
  const all = new Uint8Array(part.length * times + end.length);
  for (let index = 0; index < times; index++) all.set(part, index * part.length);
  all.set(end, part.length * times);
  return all;
}

/** Bytes behind each other, however many. */
export const joined = (...parts: readonly Uint8Array[]): Uint8Array => concatenated(parts);

/** With the length of 4 bytes before it that units, tables and frames have. */
export const measured = (part: Uint8Array): Uint8Array => joined(u32(part.length), part);

export interface AbbreviationRow {
  readonly tag: number;
  readonly children?: boolean;
  readonly attributes: readonly (readonly [name: number, form: number])[];
}

/** Abbreviations 1, 2, 3, … */
export const abbreviations = (...rows: readonly AbbreviationRow[]): Uint8Array =>
  bytes(
    ...rows.map(({ tag, children = false, attributes }, index) => [
      ...[uleb(index + 1), uleb(tag), children ? 1 : 0],
      ...attributes.map(([name, form]) => [uleb(name), uleb(form)]),
      ...[0, 0],
    ]),
    0,
  );

/** A unit of DWARF 5 whose abbreviations are at 0. Its entries begin at its byte 12. */
export const unit = (...entries: readonly Uint8Array[]): Uint8Array =>
  measured(joined(u16(5), bytes(1, 8), u32(0), ...entries));

export interface SectionOptions {
  readonly address?: bigint;
  readonly flags?: number;
}

/** An ELF file of these sections. */
export function elfFile(sections: Readonly<Record<string, Uint8Array>>, options: SectionOptions = {}): Uint8Array {
  const entries = Object.entries(sections);
  const names = bytes("", ...entries.map(([name]) => name), ".shstrtab");
  const all = [...entries, [".shstrtab", names] as const];
  let nameAt = 1;
  let at = HEADER_BYTES;
  const rows = all.map(([name, { length }]) => {
    const own = name.startsWith(".debug") ? options : {};
    const row = bytes(
      ...[u32(nameAt), u32(1), u64(own.flags ?? 0), u64(own.address ?? 0), u64(at), u64(length)],
      ...[u32(0), u32(0), u64(1), u64(0)],
    );
    nameAt += name.length + 1;
    at += length;
    return row;
  });
  const header = bytes(
    ...[0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, new Uint8Array(9), u16(2), u16(243), u32(1), u64(0), u64(0), u64(at)],
    ...[u32(0), u16(HEADER_BYTES), u16(0), u16(0), u16(64), u16(all.length + 1), u16(all.length)],
  );
  return joined(header, ...all.map(([, part]) => part), new Uint8Array(64), ...rows);
}

const HEADER_BYTES = 64;
