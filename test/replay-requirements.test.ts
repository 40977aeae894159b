/**
 * docs/replay-requirements.md names the test that proves each sentence: file and title are there, and no sentence is
 * without one.
 */
import { existsSync, readFileSync } from "node:fs";

import { test } from "uvu";
import * as assert from "uvu/assert";

const PAGE = readFileSync("docs/replay-requirements.md", "utf8");
/** The document has so many sentences that require something. */
const SENTENCES = 16;
const PROOF = /^- `(test\/[^`]+\.ts)`: \*(.+)\*$/gm;

test("given the page, then each test that it names is in that file, under that title", () => {
  const proofs = [...PAGE.matchAll(PROOF)].map(([, file = "", title = ""]) => ({ file, title }));
  assert.ok(proofs.length > 30, String(proofs.length));
  assert.is(proofs.length, PAGE.split("\n- ").length - 1, "a line of the list that is no proof");
  for (const { file, title } of proofs) {
    assert.ok(existsSync(file), file);
    const source = readFileSync(file, "utf8");
    assert.ok(source.includes(`"${title}`) || source.includes(`\`${title}`), `${file} has no test: ${title}`);
  }
});

test("given the page, then every sentence of QEMU's has a proof before the next", () => {
  const sections = PAGE.split(/^> /m).slice(1);
  assert.is(sections.length, SENTENCES);
  for (const section of sections) assert.ok(section.includes("\n- `test/"), section.split("\n")[0]);
});

test.run();
