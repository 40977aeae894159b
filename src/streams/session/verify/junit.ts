/** A report as JUnit writes it: what build servers show of tests. */
import type { Verified } from "./verified-files.js";

/** A replay that diverges is a failure; what keeps it from being replayed is an error. */
export function junitReport(suite: string, all: readonly Verified[]): string {
  const failures = all.filter(({ ok, cause }) => !ok && cause === "divergence").length;
  const errors = all.filter(({ ok }) => !ok).length - failures;
  const seconds = all.reduce((sum, each) => sum + each.seconds, 0).toFixed(3);
  const counts = `tests="${String(all.length)}" failures="${String(failures)}" errors="${String(errors)}" time="${seconds}"`;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="foldvm verify" ${counts}>`,
    `  <testsuite name="${escaped(suite)}" ${counts}>`,
    ...all.map(testCase),
    `  </testsuite>`,
    `</testsuites>`,
    "",
  ].join("\n");
}

function testCase({ file, ok, cause, message = "", seconds }: Verified): string {
  const head = `    <testcase classname="foldvm.verify" name="${escaped(file)}" time="${seconds.toFixed(3)}"`;
  if (ok) return `${head}/>`;
  const kind = cause === "divergence" ? "failure" : "error";
  const text = escaped(message);
  return `${head}>\n      <${kind} type="${escaped(cause)}" message="${text}">${text}</${kind}>\n    </testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Control characters are no part of an XML document, not even escaped. */
const escaped = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter);
