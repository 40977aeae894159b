/**
 * A script as text, a step a line: `wait "TEXT"`, `type "TEXT\n"`, `expect-exit CODE`. Texts are written as in JSON.
 */
import { check } from "../../options/check.js";
import { exactly, text as aText } from "../../options/codecs.js";
import { ScriptError, type ScriptStep } from "./script.js";

const LINE = /^(?<word>[a-z-]+)(?:\s+(?<value>.*))?$/;

/** Empty lines and those that begin with # say nothing. @throws {ScriptError} INVALID_SCRIPT, which names the line */
export const parseScript = (text: string): ScriptStep[] => {
  check("parseScript", SCRIPT, { text });
  return linesWithSteps(text).map(({ line, words }, index) =>
    parseLine(
      words,
      (what) => new ScriptError("INVALID_SCRIPT", `line ${String(line)} of the script: ${what}`, index + 1),
    ),
  );
};

const SCRIPT = exactly<{ readonly text: string }>({ text: aText });

/** The line of each step, counted from 1. */
export const linesOfSteps = (text: string): readonly number[] => linesWithSteps(text).map(({ line }) => line);

const linesWithSteps = (text: string): readonly { readonly line: number; readonly words: string }[] =>
  text
    .split(/\r?\n/)
    .map((words, index) => ({ line: index + 1, words: words.trim() }))
    .filter(({ words }) => words !== "" && !words.startsWith("#"));

const parseLine = (line: string, fault: (what: string) => ScriptError): ScriptStep => {
  const { word, value = "" } = LINE.exec(line)?.groups ?? {};
  switch (word) {
    case "wait":
      return { wait: quoted(word, value, fault) };
    case "type":
      return { type: quoted(word, value, fault) };
    case "expect-exit":
      if (!/^\d{1,10}$/.test(value)) throw fault(`expect-exit ${value}: give the exit code, as in  expect-exit 0`);
      return { expectExit: Number(value) };
    default:
      throw fault(`${word ?? line}: a line is  wait "TEXT"  or  type "TEXT\\n"  or  expect-exit CODE`);
  }
};

const quoted = (word: string, value: string, fault: (what: string) => ScriptError): string => {
  try {
    const text: unknown = JSON.parse(value);
    if (typeof text === "string") return text;
  } catch {
    // Told below.
  }
  throw fault(`${word} ${value}: give a text in double quotes, with \\n, \\r or \\u0003 as in JSON`);
};
