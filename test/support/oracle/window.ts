/** A part of a recording about which random questions are asked. */
import { physicalRanges } from "../../../src/streams/past/names/place.js";
import type { FunctionType } from "../../../src/streams/past/names/type.js";
import { PlaceError } from "../../../src/streams/past/names/place-error.js";
import type { Pool } from "../../../src/streams/past/query/index.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { oneOf, type Random } from "../seeded-random.js";
import { compare, hearExpected, type Count } from "./compare.js";
import { deedsBetween, type Deed } from "./deeds.js";
import { compareMoments } from "./moments.js";
import { someQuestion, type CalledFunction } from "./questions.js";
import type { Subject } from "./subjects.js";
import { printedUpTo } from "./texts.js";

export interface Window {
  readonly subject: Subject;
  readonly from: number;
  readonly until: number;
  readonly questions: number;
  /** Where questions are picked from, if the window is too long to keep all that happens in it. */
  readonly samples?: readonly { readonly from: number; readonly until: number }[];
  readonly pools: readonly Pool[];
  /** How to ask this again. */
  readonly seed: number;
}

/** Every so many questions are about moments; all places where the machine stands are looked at for them. */
const QUESTIONS_A_MOMENT = 4;
const LONGEST_STANDINGS_INSNS = 2000;

/** How many rows were compared. @throws where an answer differs. */
export async function compareWindow(window: Window, random: Random, count: Count): Promise<number> {
  const { subject, seed, from, until, pools } = window;
  const { name, open } = subject;
  const where = `FOLDVM_SEED=${String(seed)}, ${name} ${String(from)} to ${String(until)}`;
  const plain = open(undefined);
  const samples = window.samples ?? [{ from, until }];
  const deeds = samples.flatMap((part) => [...deedsBetween(plain, part.from, part.until)]);
  const material = { recording: plain, deeds, functions: functionsIn(plain, deeds, until) };
  const ofMoments = Math.floor(window.questions / QUESTIONS_A_MOMENT);
  const questions = Array.from({ length: window.questions - ofMoments }, () => someQuestion(random, material));
  hearExpected(plain, from, until, questions);
  // Few states, many, or what fits.
  const recording = open(oneOf(random, [0, random(2 ** 20), random(2 ** 24), undefined]));
  let rows = 0;
  for (const question of questions) {
    if (question.expected.lines.areTooMany) continue;
    if (random(3) === 0) recording.at(from + random(until - from));
    const range = { from, until };
    rows += await compare(question, { recording, range, pools, random, where, count });
  }
  const begin = from + random(Math.max(1, until - from - LONGEST_STANDINGS_INSNS));
  const consoles = window.samples === undefined ? printedUpTo(plain, from, deeds) : [];
  const moments = { from: begin, until: Math.min(until, begin + LONGEST_STANDINGS_INSNS), deeds, consoles };
  compareMoments(recording, { ...moments, questions: ofMoments, where }, random, count);
  recording.close();
  plain.close();
  return rows;
}

/** Those that are entered and have one name, at the address that it means. */
function functionsIn(recording: Recording, deeds: readonly Deed[], until: number): readonly CalledFunction[] {
  const { names } = recording;
  const found = new Map<string, CalledFunction>();
  for (const { kind, pc, address } of deeds) {
    const symbol = kind === "reached" && pc !== undefined ? names.functionAt(pc) : undefined;
    if (symbol === undefined || symbol.address !== pc || found.has(symbol.name)) continue;
    const { name } = symbol;
    if (names.functionsNamed(name).length !== 1 || physicalOf(recording, pc, until) !== Number(address)) continue;
    found.set(name, { name, virtual: pc, physical: Number(address), resultBits: resultBits(names.functionType(name)) });
  }
  return [...found.values()];
}

/** An integer or a pointer has a byte at least. */
function resultBits(type: FunctionType | undefined): CalledFunction["resultBits"] {
  if (type === undefined) return 64;
  const { kind } = type.result();
  return kind === "integer" || kind === "pointer" ? 8 : 0;
}

/** Where a name's address lies at the range's end; undefined: nowhere. */
function physicalOf(recording: Recording, virtual: bigint, until: number): number | undefined {
  try {
    return physicalRanges({ address: virtual, bytes: 2 }, () => recording.at(until))[0]?.address;
  } catch (fault) {
    if (fault instanceof PlaceError) return undefined;
    throw fault;
  }
}
