// What somebody who knows gdb types, and this monitor does not have: the answer begins with a command that it has.
import { readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { COMMANDS } from "../../../../src/streams/session/monitor/commands.js";
import { findCommand, namesOf } from "../../../../src/streams/session/monitor/find-command.js";
import { GDB_WORDS } from "../../../../src/streams/session/monitor/gdb-words.js";

const commandOf = (text: string): string => /^[\w-]+/.exec(text)?.[0] ?? "";

test("given a word of gdb's, when it is typed, then the answer begins with a command that there is", () => {
  for (const [word, instead] of GDB_WORDS) {
    assert.ok(namesOf(COMMANDS).includes(commandOf(instead)), `${word}: ${instead}`);
    assert.throws(
      () => findCommand(word, COMMANDS),
      ({ message }: Error) => message === `there is no ${word} here; ${instead}`,
      word,
    );
  }
});

test("given the table on the page, then it has the same words, each with the same command", () => {
  const [, table = ""] = /^\| gdb's word .*\n\|---.*\n((?:\|.*\n)+)/m.exec(readFileSync("docs/cli.md", "utf8")) ?? [];
  const told = table.split("\n").flatMap((row) => {
    const [, words = "", here = ""] = row.split(" | ").length < 2 ? [] : ["", ...row.split(" | ")];
    return [...words.matchAll(/`([^`]+)`/g)].map(([, word]) => [word, commandOf(here.replace(/^`/, ""))]);
  });
  assert.equal(
    told,
    [...GDB_WORDS].map(([word, instead]) => [word, commandOf(instead)]),
  );
});

test.run();
