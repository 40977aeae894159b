/** What a recording is asked on the command line, by `query` or by the question's own word. */
import { questionOf, QUESTIONS, WITH_RESULTS } from "../questions.js";
import { notHere, required, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget } from "../target/target.js";

/** Rows that are shown where nobody says how many. */
const DEFAULT_ROWS = 20;

export const ASKING_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["query"],
    operands: "QUESTION [OF] [--last|--limit N] [--results]",
    help: "ask the whole recording, as foldvm query does: query writes link.count --last",
    details: `At most ${String(DEFAULT_ROWS)} rows, or N. Ctrl-C gives it up.`,
    run: ask,
  },
  ...Object.entries(QUESTIONS).map(([word, { rows, of }]) => ({
    names: [word],
    operands: `${of.words} [--last|--limit N]`.trimStart(),
    help: `query ${word}: ${rows}`,
    run: (target: MonitorTarget, operands: string) => ask(target, `${word} ${operands}`),
  })),
];

async function ask(target: MonitorTarget, operands: string): Promise<string> {
  const { past } = target;
  if (past === undefined) throw notHere(target, "a machine that runs has no past yet; replay its recording");
  const { words, limit, isLast, results } = optionsIn(required(operands, "a question").split(/\s+/));
  const [word, ...about] = words;
  const of = about.length === 0 ? undefined : about.join(" ");
  const question = questionOf(word, of);
  if (results && question.hasResults !== true)
    throw new MonitorError("INVALID_FORMAT", `--results: ${word ?? ""} has none; ${WITH_RESULTS} have`);
  const asked = question.ask(past.recording, of, results ? { results } : {});
  const rows = await past.rows(isLast ? asked.rows.last$ : asked.rows, limit);
  return rows.length === 0 ? "There is no such row." : rows.map((row) => asked.textOf(row)).join("\n");
}

interface Options {
  readonly words: readonly string[];
  readonly limit: number;
  readonly isLast: boolean;
  readonly results: boolean;
}

/** @throws {MonitorError} */
function optionsIn(given: readonly string[]): Options {
  const words: string[] = [];
  let limit = DEFAULT_ROWS;
  const flags = new Set<string>();
  for (let at = 0; at < given.length; at += 1) {
    const word = given[at] ?? "";
    if (word === "--last" || word === "--results") flags.add(word);
    else if (word === "--limit") {
      const number = given[(at += 1)] ?? "";
      if (!/^[1-9]\d{0,8}$/.test(number))
        throw new MonitorError("INVALID_NUMBER", `--limit ${number}: give a count from 1`);
      limit = Number(number);
    } else words.push(word);
  }
  return { words, limit, isLast: flags.has("--last"), results: flags.has("--results") };
}
