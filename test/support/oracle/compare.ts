/** Asks queries in every way that they can be asked, and compares what they say with brute force. */
import { lastValueFrom, toArray } from "rxjs";

import { select, where, type Pool, type Query, type Range } from "../../../src/streams/past/query/index.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { oneOf, type Random } from "../seeded-random.js";
import { hearDeeds } from "./deeds.js";
import type { Question, Row } from "./questions.js";

/** How many answers of a kind were right. */
export type Count = (kind: string, answers: number) => void;

const PAGE_BYTES = 4096;

/** Lets all questions hear what is done in a range, in one go. */
export function hearExpected(recording: Recording, from: number, until: number, questions: readonly Question[]): void {
  const everywhere = new Map<string, Question[]>();
  const atAddress = new Map<string, Question[]>();
  const add = (map: Map<string, Question[]>, key: string, question: Question): void => {
    map.set(key, [...(map.get(key) ?? []), question]);
  };
  const keyOf = (kind: string, address: number): string =>
    `${kind} ${String(kind === "reached" ? address : Math.floor(address / PAGE_BYTES))}`;
  for (const question of questions) {
    for (const kind of question.expected.kinds) {
      const { addresses = [] } = question.expected;
      if (addresses.length === 0) add(everywhere, kind, question);
      for (const key of new Set(addresses.map((address) => keyOf(kind, address)))) add(atAddress, key, question);
    }
  }
  const NOBODY: readonly Question[] = [];
  const hearing = (kind: string, address: number): readonly Question[] => atAddress.get(keyOf(kind, address)) ?? NOBODY;
  const pagesOf = (address: number, bytes: number): readonly number[] =>
    Array.from(
      { length: Math.floor((address + bytes - 1) / PAGE_BYTES) - Math.floor(address / PAGE_BYTES) + 1 },
      (_, at) => address + at * PAGE_BYTES,
    );
  const isMemory = (kind: string): boolean => kind === "stored" || kind === "loaded";
  hearDeeds(recording, from, until, {
    // A device's access may go over many pages.
    wants: (kind, address) => everywhere.has(kind) || atAddress.has(keyOf(kind, address)),
    hear(deed, ram) {
      const { kind, address, data } = deed;
      for (const { expected } of everywhere.get(kind) ?? NOBODY) expected.hear(deed, ram);
      const pages = isMemory(kind) && data.length > 0 ? pagesOf(Number(address), data.length) : [Number(address)];
      for (const { expected } of new Set(pages.flatMap((page) => hearing(kind, page)))) expected.hear(deed, ram);
    },
  });
}

export interface Asking {
  readonly recording: Recording;
  readonly range: { readonly from: number; readonly until: number };
  /** Of one thread, of two. */
  readonly pools: readonly Pool[];
  readonly random: Random;
  /** How to ask this again. */
  readonly where: string;
  readonly count: Count;
}

/** @throws where an answer differs. */
export async function compare(question: Question, asking: Asking): Promise<number> {
  const { recording, range, random, count } = asking;
  const { kind, name, linesOf, expected } = question;
  const lines = expected.lines.toArray();
  const told = `${asking.where}, ${name}`;
  const flat = (rows: readonly object[]): readonly string[] => rows.flatMap((row) => linesOf(row as Row));
  const query = question.query(recording, range);
  const rows = query.toArray();
  equal(flat(rows), lines, `${told}: all`);
  count(kind, 1);
  const [way, found] = await asked(question, query, asking);
  equal(flat(found), lines, `${told}: ${way}`);
  count(way, 1);
  equal(flat(listed(query.last())), flat(rows.slice(-1)), `${told}: last`);
  equal(flat(listed(query.first())), flat(rows.slice(0, 1)), `${told}: first`);
  count("first and last", 1);
  if (random(4) === 0) {
    const rest = random(3);
    const isKept = (row: object): boolean => Number((row as Row)["icount"]) % 3 === rest;
    const kept = query.pipe(where<object>(isKept), select(linesOfRow(linesOf)));
    const some = rows.filter(isKept).map(linesOfRow(linesOf));
    equal(kept.toArray().flat(), some.flat(), `${told}: where, select`);
    equal([kept.first(), kept.last()].flat(), [some[0], some.at(-1)].flat(), `${told}: where, select, first and last`);
    count("where and select", 1);
  }
  return rows.length;
}

/** Says the first difference: the whole of two long answers helps nobody. */
function equal(found: readonly (string | undefined)[], expected: readonly (string | undefined)[], where: string): void {
  const length = Math.max(found.length, expected.length);
  for (let index = 0; index < length; index += 1) {
    if (found[index] === expected[index]) continue;
    const counts = `${String(found.length)} lines, not ${String(expected.length)}`;
    throw new Error(
      `${where}: ${counts}; line ${String(index)} is\n${String(found[index])}\nand should be\n${String(expected[index])}`,
    );
  }
}

const linesOfRow =
  (linesOf: Question["linesOf"]) =>
  (row: object): readonly string[] =>
    linesOf(row as Row);

const listed = (row: object | undefined): readonly object[] => (row === undefined ? [] : [row]);

/** In one of the other ways, as chance will have it. */
async function asked(
  question: Question,
  query: Query<object>,
  { recording, range, pools, random }: Asking,
): Promise<readonly [way: string, rows: readonly object[]]> {
  const ways: (() => Promise<readonly [string, readonly object[]]>)[] = [
    async () => ["pushed", await lastValueFrom(query.pipe(toArray()))],
    async () => {
      const rows: object[] = [];
      for await (const row of query) rows.push(row);
      return ["pulled", rows];
    },
  ];
  if (question.hasFunction !== true && pools.length > 0) {
    const pool = oneOf(random, pools);
    const onThreads = async (): Promise<readonly [string, readonly object[]]> => [
      `on ${String(pool.width)} threads`,
      await query.on(pool).toArray(),
    ];
    ways.push(onThreads, onThreads);
  }
  if (question.isWhole !== true) {
    const bySegment = (): Promise<readonly [string, readonly object[]]> =>
      Promise.resolve([
        "by segment",
        segments(range, random).flatMap((part) => [...question.query(recording, part).toArray()]),
      ]);
    ways.push(bySegment, bySegment);
  }
  return oneOf(random, ways)();
}

function segments({ from, until }: Asking["range"], random: Random): readonly Range[] {
  const cuts = Array.from({ length: 1 + random(4) }, () => from + random(until - from + 1));
  const bounds = [...new Set([from, ...cuts, until])].sort((a, b) => a - b);
  return bounds.slice(1).map((bound, index) => ({ from: bounds[index] as number, until: bound }));
}
