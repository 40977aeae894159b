/** Random questions about moments: `at`, `bisect` and `sample`, against every place at which the machine stood. */
import * as assert from "uvu/assert";

import { hashOfState } from "../../../src/machine/state-hash.js";
import { DRAM_BASE } from "../../../src/machine/memory-map.js";
import { at, bisect, sample, type Sample, type When } from "../../../src/streams/past/query/index.js";
import type { EventType } from "../../../src/reducers/events.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { oneOf, type Random } from "../seeded-random.js";
import type { Count } from "./compare.js";
import type { Deed } from "./deeds.js";
import { standingsOf, type Standing } from "./standings.js";
import { asksText, type Printed } from "./texts.js";

const MOMENTS_A_HASH = 4;

export interface MomentsOptions {
  readonly from: number;
  readonly until: number;
  readonly questions: number;
  readonly where: string;
  readonly deeds: readonly Deed[];
  /** Those that print in the window. */
  readonly consoles: readonly Printed[];
}

/** @throws where an answer differs. */
export function compareMoments(
  recording: Recording,
  { from, until, questions, where, deeds, consoles }: MomentsOptions,
  random: Random,
  count: Count,
): void {
  const stored = deeds.filter(({ kind, pc }) => kind === "stored" && pc !== undefined);
  const met = stored.length > 0 ? Number(oneOf(random, stored).address) : DRAM_BASE;
  const word = met - (met % 8);
  const picks = Array.from({ length: MOMENTS_A_HASH * 2 }, () => random(until - from + 1));
  const standings = standingsOf(recording, { from, until, word, wantsHash: (index) => picks.includes(index) });
  const ask = [asksAt, asksAt, asksBisect, asksSample, ...(consoles.length > 0 ? [asksText] : [])];
  const known = { standings, from, until, word, consoles };
  for (let index = 0; index < questions; index += 1) {
    const asked = oneOf(random, ask)(recording, known, random);
    if (asked === undefined) continue;
    const { kind, name, found, expected } = asked;
    assert.equal(found, expected, `${where}, ${name}`);
    count(kind, 1);
  }
}

interface Asked {
  readonly kind: string;
  readonly name: string;
  readonly found: unknown;
  readonly expected: unknown;
}

interface Known {
  readonly standings: readonly Standing[];
  readonly from: number;
  readonly until: number;
  readonly word: number;
  readonly consoles: readonly Printed[];
}

/** Undefined: what chance picked says nothing. */
export type Asks = (recording: Recording, known: Known, random: Random) => Asked | undefined;

const placeOf = ({ seq, icount }: Pick<Standing, "seq" | "icount">): string => `${String(seq)}@${String(icount)}`;

/** All ways to say which event, that is the first of its kind behind all those before. */
const eventWays = (recording: Recording, type: EventType, seq: number): readonly When[] => {
  const device = type.slice(0, type.indexOf("/"));
  const before = [...recording.log.events()].filter((event) => event.seq < seq).map(({ event }) => event.type);
  return [
    { event: (event) => event.seq >= seq },
    ...(before.includes(type) ? [] : [{ event: type }]),
    ...(before.some((other) => other.startsWith(`${device}/`)) ? [] : [{ event: `${device}/*` as const }]),
  ];
};

const whenText = (when: When): string =>
  JSON.stringify(when, (_name, value: unknown) =>
    typeof value === "bigint" || typeof value === "function" ? String(value) : value,
  );

const asksAt: Asks = (recording, { standings }, random) => {
  const hashed = standings.filter(({ hash }) => hash !== undefined);
  const events = standings.filter(({ event }) => event !== undefined);
  const standing = oneOf(random, oneOf(random, [hashed, standings, events.length > 0 ? events : standings]));
  const { seq, icount, ns, event, hash } = standing;
  const byNs = standings.find((one) => one.ns >= ns) ?? standing;
  const ways: readonly (readonly [When, Standing])[] = [
    [event === undefined ? icount : { seq }, standing],
    [{ seq, icount }, standing],
    ...(event === undefined ? [] : eventWays(recording, event, seq).map((way) => [way, standing] as const)),
    // The clock did not come so far before the first of them.
    ...(byNs === standings[0] ? [] : [[{ ns }, byNs] as const]),
  ];
  const [when, expected] = oneOf(random, ways);
  const moment = at(recording, when);
  const isHashed = hash !== undefined && expected === standing;
  const found = [placeOf(moment), moment.ns, moment.hart, moment.pc];
  return {
    kind: "at",
    name: `at ${whenText(when)}`,
    found: isHashed ? [...found, hashOfState(moment.state)] : found,
    expected: [placeOf(expected), expected.ns, expected.hart, expected.pc, ...(isHashed ? [hash] : [])],
  };
};

/** What stays true once it is: a place is passed, a time has come, a word was written for the last time. */
const asksBisect: Asks = (recording, { standings, from, until, word }, random) => {
  const passed = oneOf(random, standings);
  const last = standings.at(-1)?.word ?? 0n;
  const settled = standings.findLastIndex((standing) => standing.word !== last) + 1;
  const hasPassed = ({ seq, icount }: Pick<Standing, "seq" | "icount">): boolean =>
    seq > passed.seq || (seq === passed.seq && icount >= passed.icount);
  // A word may have been the same before: then it does not stay so.
  const staysSo = standings.slice(0, settled).every((standing) => standing.word !== last);
  const range = { from, until };
  const kinds = [
    () => [bisect(recording, hasPassed, range), standings.find(hasPassed), `bisect past ${placeOf(passed)}`] as const,
    () =>
      [
        bisect(recording, ({ ns }) => ns > passed.ns, range),
        standings.find(({ ns }) => ns > passed.ns),
        `bisect beyond ${String(passed.ns)} ns`,
      ] as const,
    () => {
      const place = { address: word, bytes: 8 };
      const found = bisect(recording, (moment) => moment.read(place) === last, range);
      return [found, standings[settled], `bisect ${String(word)} is ${String(last)}`] as const;
    },
  ];
  const [found, expected, name] = oneOf(random, staysSo ? kinds : kinds.slice(0, 2))();
  return { kind: "bisect", name, found: found && placeOf(found), expected: expected && placeOf(expected) };
};

const asksSample: Asks = (recording, { standings, from, until, word }, random) => {
  const byNs = random(2) === 0;
  const span = byNs ? Number((standings.at(-1)?.ns ?? 0n) - (standings[0]?.ns ?? 0n)) : until - from;
  const every = 1 + random(Math.max(1, Math.floor(span / 3)));
  const scaleOf = ({ ns, icount }: Standing): bigint => (byNs ? ns : BigInt(icount)) / BigInt(every);
  const isAtMultiple = (standing: Standing): boolean =>
    (byNs ? standing.ns : BigInt(standing.icount)) % BigInt(every) === 0n;
  const due = standings.filter((standing, index) => {
    const before = standings[index - 1];
    return before === undefined ? isAtMultiple(standing) : scaleOf(standing) > scaleOf(before);
  });
  const range = { from, until, ...(byNs ? { everyNs: BigInt(every) } : { everyInsns: every }) };
  const query = sample(recording, (moment) => [moment.read({ address: word, bytes: 8 }), moment.read("$a0")], range);
  const lineOf = (row: Sample<unknown> | undefined): string | undefined =>
    row && [placeOf(row), row.ns, row.hart, row.pc, ...(row.value as readonly unknown[])].map(String).join(" ");
  const expected = due.map((one) => [placeOf(one), one.ns, one.hart, one.pc, one.word, one.a0].map(String).join(" "));
  return {
    kind: "sample",
    name: `sample every ${String(every)} ${byNs ? "ns" : "instructions"}`,
    found: [query.toArray().map(lineOf), lineOf(query.first()), lineOf(query.last())],
    expected: [expected, expected[0], expected.at(-1)],
  };
};
