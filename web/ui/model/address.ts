/** What the page's address says: a link is a moment. Plain text in the hash, so that a file from disk has it too. */
import type { Axis } from "../../protocol.js";
import type { Window } from "./scale.js";
import { TABS } from "./state.js";

export interface Address {
  /** Undefined: where a page begins by itself. */
  readonly at: { readonly seq: number; readonly icount: number } | undefined;
  /** Undefined: the whole run. */
  readonly window: Window | undefined;
  /** What the window counts. */
  readonly axis: Axis;
  /** Which of the recordings, from 0. */
  readonly recording: number;
  readonly tab: string | undefined;
  /** What the memory pane shows. */
  readonly memory: string | undefined;
  readonly hart: number | undefined;
  readonly frame: number;
  /** The words of it that say nothing which can be understood. */
  readonly unknown: readonly string[];
}

export const NO_ADDRESS: Address = {
  at: undefined,
  window: undefined,
  axis: "icount",
  recording: 0,
  tab: undefined,
  memory: undefined,
  hart: undefined,
  frame: 0,
  unknown: [],
};

/** `#at=35:8400291&view=8390000-8401000`. What is as it is at first is left out. */
export function hashOf({ at, window, axis, recording, tab, memory, hart, frame }: Omit<Address, "unknown">): string {
  const words: [string, string][] = [];
  if (recording !== 0) words.push(["recording", String(recording + 1)]);
  if (at !== undefined) words.push(["at", `${String(at.seq)}:${String(at.icount)}`]);
  if (window !== undefined)
    words.push(["view", `${String(Math.floor(window.from))}-${String(Math.ceil(window.until))}`]);
  if (axis === "ns") words.push(["axis", "time"]);
  if (hart !== undefined) words.push(["hart", String(hart)]);
  if (frame !== 0) words.push(["frame", String(frame)]);
  if (tab !== undefined) words.push(["tab", tab]);
  if (memory !== undefined && memory !== "") words.push(["memory", memory]);
  return words.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%3A", ":")}`).join("&");
}

/** What cannot be understood is left out, and named: an old link still leads somewhere. */
export function addressOf(hash: string): Address {
  const given = hash
    .replace(/^#/, "")
    .split("&")
    .filter((word) => word !== "");
  const words = new Map(given.map((word) => pairOf(word)));
  return {
    at: positionOf(words.get("at")),
    window: windowOf(words.get("view")),
    axis: words.get("axis") === "time" ? "ns" : "icount",
    recording: Math.max(1, numberOf(words.get("recording")) ?? 1) - 1,
    tab: words.get("tab"),
    memory: words.get("memory"),
    hart: numberOf(words.get("hart")),
    frame: numberOf(words.get("frame")) ?? 0,
    unknown: given.filter((word) => !isUnderstood(...pairOf(word))),
  };
}

const isNumber = (value: string): boolean => numberOf(value) !== undefined;

const WORDS: Readonly<Record<string, (value: string) => boolean>> = {
  recording: (value) => (numberOf(value) ?? 0) > 0,
  at: (value) => positionOf(value) !== undefined,
  view: (value) => windowOf(value) !== undefined,
  axis: (value) => value === "time",
  hart: isNumber,
  frame: isNumber,
  tab: (value) => TABS.some((tab) => tab === value),
  memory: (value) => value !== "",
};

const isUnderstood = (name: string, value: string): boolean => Object.hasOwn(WORDS, name) && WORDS[name]!(value);

function positionOf(text: string | undefined): Address["at"] {
  const at = numbers(text, /^(\d+):(\d+)$/);
  return at && { seq: at[0], icount: at[1] };
}

function windowOf(text: string | undefined): Window | undefined {
  const view = numbers(text, /^(\d+)-(\d+)$/);
  return view !== undefined && view[1] > view[0] ? { from: view[0], until: view[1] } : undefined;
}

function pairOf(word: string): [string, string] {
  const [name = "", ...rest] = word.split("=");
  const value = rest.join("=");
  try {
    return [name, decodeURIComponent(value)];
  } catch {
    return [name, ""];
  }
}

function numbers(text: string | undefined, pattern: RegExp): [number, number] | undefined {
  const match = pattern.exec(text ?? "");
  const [one, other] = [numberOf(match?.[1]), numberOf(match?.[2])];
  return one === undefined || other === undefined ? undefined : [one, other];
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
