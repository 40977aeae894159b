/**
 * Random questions of every kind, of recordings of every kind, against brute force: the reference evaluator goes
 * instruction by instruction, and shares no code with queries.
 */
import { workers } from "../../src/streams/session/query-pool/workers.js";
import {
  debianSubject,
  goldenSubject,
  somePart,
  subjectsWithTwoHarts,
  type Subject,
} from "../../test/support/oracle/subjects.js";
import { compareWindow, type Window } from "../../test/support/oracle/window.js";
import { seededRandom, type Random } from "../../test/support/seeded-random.js";
import type { DebianImages } from "../debian/debian-images.js";

export interface QueriesOptions {
  readonly images: DebianImages;
  readonly seed: number;
  readonly queries: number;
  /** How far Debian is booted. */
  readonly insns: number;
  /** Those of a name that has this in it; all if it is empty. */
  readonly of: string;
  readonly folder: string;
  readonly report: (line: string) => void;
}

interface Plan {
  readonly name: string;
  readonly subject: () => Promise<Subject>;
  /** Of all questions. */
  readonly share: number;
  /** Default: as many as there are hundreds of questions. */
  readonly windows?: number;
  readonly part: (subject: Subject, random: Random) => Pick<Window, "from" | "until" | "samples">;
}

const QUESTIONS_A_WINDOW = 100;
const LONGEST_INSNS = 5000;
const BEGINNING_INSNS = 20_000_000;
/** Of a long part that questions are picked from. */
const SAMPLES = 20;

/** Whether all answers were right. */
export async function soakQueries(options: QueriesOptions): Promise<boolean> {
  const { seed, queries, of, report } = options;
  let isRight = true;
  for (const plan of await plansOf(options)) {
    if (!plan.name.includes(of)) continue;
    const subject = await plan.subject();
    const counts = new Map<string, number>();
    const questions = Math.round(queries * plan.share);
    const { windows = Math.max(1, Math.round(questions / QUESTIONS_A_WINDOW)) } = plan;
    for (let index = 0; index < windows; index += 1) {
      // Of its own, so that it can be asked again alone.
      const own = seedOf(seed, plan.name, index);
      const right = await askWindow(subject, plan, own, Math.ceil(questions / windows), counts, report);
      isRight &&= right;
    }
    report(`${plan.name}: ${countsText(counts)}`);
  }
  return isRight;
}

async function askWindow(
  subject: Subject,
  { name, part }: Plan,
  seed: number,
  questions: number,
  counts: Map<string, number>,
  report: (line: string) => void,
): Promise<boolean> {
  const random = seededRandom(seed);
  const pools = [workers(1), workers(2)];
  const count = (kind: string, answers: number): void => {
    counts.set(kind, (counts.get(kind) ?? 0) + answers);
  };
  try {
    const window = { subject, ...part(subject, random), questions, pools, seed };
    const rows = await compareWindow(window, random, count);
    report(`${name} ${String(window.from)} to ${String(window.until)}, seed ${String(seed)}: ${String(rows)} rows`);
    return true;
  } catch (fault) {
    report(`DIFFERS: ${name}: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
    return false;
  } finally {
    for (const pool of pools) pool.close();
  }
}

async function plansOf({ images, folder, insns }: QueriesOptions): Promise<readonly Plan[]> {
  const [demo, harts] = await subjectsWithTwoHarts();
  let debian: Promise<Subject> | undefined;
  const booted = (): Promise<Subject> => (debian ??= debianSubject(images, folder, insns));
  const window: Plan["part"] = (subject, random) => somePart(subject, LONGEST_INSNS, random);
  const beginningInsns = Math.min(BEGINNING_INSNS, insns);
  const golden = (name: string, share: number): Plan => ({
    ...{ name, share, part: window, subject: () => Promise.resolve(goldenSubject(name)) },
  });
  const known = (subject: Subject | undefined, share: number): readonly Plan[] =>
    subject === undefined ? [] : [{ name: subject.name, share, part: window, subject: () => Promise.resolve(subject) }];
  return [
    ...[golden("session", 0.12), golden("race-fails", 0.12), golden("virtio", 0.15), golden("clock", 0.03)],
    ...[...known(demo, 0.12), ...known(harts, 0.13)],
    {
      ...{ name: "debian windows of the beginning", share: 0.1, subject: booted },
      part: (subject, random) => somePart(subject, LONGEST_INSNS, random, beginningInsns),
    },
    { name: "debian windows", share: 0.2, subject: booted, part: window },
    {
      ...{ name: "debian beginning whole", share: 0.03, subject: booted, windows: 1 },
      part: (subject, random) => ({
        ...{ from: 0, until: beginningInsns },
        samples: Array.from({ length: SAMPLES }, () => somePart(subject, LONGEST_INSNS, random, beginningInsns)),
      }),
    },
  ];
}

const seedOf = (seed: number, name: string, window: number): number =>
  ([...Buffer.from(name)].reduce((mixed, byte) => Math.imul(mixed, 31) + byte, seed) + window) >>> 0;

const countsText = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([kind, count]) => `${kind} ${String(count)}`).join(", ");
