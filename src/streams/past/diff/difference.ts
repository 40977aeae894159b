/** What a comparison answers, as plain data: one row for each place in which two sides are not the same. */
import { hexAddress } from "../../../reducers/hex.js";

/** What a state, a header or an event is made of. */
export type PlainValue =
  | bigint
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/**
 * `machine`: the configuration, an image's digest, the start. `position`: seq and icount. `inputs`: the digest of all
 * inputs so far. The guest itself is in the other kinds; it sees `clock` and `schedule` only by what they do to it.
 */
export type DifferenceKind =
  "machine" | "position" | "inputs" | "clock" | "schedule" | "power" | "register" | "device" | "disk" | "memory";

export interface Difference {
  readonly kind: DifferenceKind;
  /** `ignore` takes it: `a0`, `hart1.mstatus.MIE`, `uart16550.received`, `link.count`, `0x80002ed8:16`. */
  readonly name: string;
  readonly a: PlainValue;
  readonly b: PlainValue;
  /** Of a register. */
  readonly hart?: number;
  /** Of memory: physical, of the first byte that differs; of a disk, from its start. */
  readonly address?: number;
  /** From the first byte that differs to the last one. */
  readonly bytes?: number;
}

/** The kinds in which the guest itself is. */
const OF_THE_GUEST: readonly DifferenceKind[] = ["power", "register", "device", "disk", "memory"];

/** Whether the guest is another one: what it can't see yet is no difference of its own. */
export const isOfTheGuest = ({ kind }: Difference): boolean => OF_THE_GUEST.includes(kind);

/** Of a value, in a line. */
const SHOWN_LETTERS = 48;

export const shownValue = (value: PlainValue): string => {
  const text = typeof value === "string" ? value : unquoted(value);
  return text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text;
};

const unquoted = (value: PlainValue): string => {
  if (typeof value === "bigint")
    return value >= 0n && value < 10n ? String(value) : hexAddress(BigInt.asUintN(64, value));
  if (Array.isArray(value)) return `[${(value as readonly PlainValue[]).map(unquoted).join(" ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, member]: [string, PlainValue]) => `${name} ${unquoted(member)}`);
    return `{${members.join(", ")}}`;
  }
  return value === undefined ? "none" : String(value);
};

/** Rows as lines, in columns. `pointed`: what registers point at. */
export function differenceLines(
  rows: readonly Difference[],
  pointed?: { of(address: bigint): string | undefined },
): readonly string[] {
  const cells = rows.map(({ name, kind, a, b }) => {
    const shown = (value: PlainValue): string => {
      const place = kind === "register" && typeof value === "bigint" ? pointed?.of(value) : undefined;
      return place === undefined ? shownValue(value) : `${shownValue(value)} <${place}>`;
    };
    return [name, shown(a), shown(b)] as const;
  });
  const width = (column: 0 | 1): number => Math.max(0, ...cells.map((row) => row[column].length));
  const [names, left] = [width(0), width(1)];
  return cells.map(([name, a, b]) => `${name.padEnd(names)}  ${a.padEnd(left)}  ${b}`);
}

/** Values as they are handed out: frozen, of nothing but plain data. */
export function plain(value: unknown): PlainValue {
  if (value instanceof Uint8Array) return plainBytes(value);
  if (Array.isArray(value)) return Object.freeze(value.map(plain));
  if (typeof value === "object" && value !== null) {
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)])));
  }
  return value as PlainValue;
}

/** How many bytes a row has of a stretch of memory. */
const SHOWN_BYTES = 16;

/** The first of them, in hexadecimal. */
export const plainBytes = (bytes: Uint8Array): string => {
  const shown = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length > SHOWN_BYTES ? `${shown} …` : shown;
};
