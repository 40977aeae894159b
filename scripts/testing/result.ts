// What every part of the test command ends with: counts that add up to the last line.

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const add = (left: Counts, right: Counts): Counts => ({
  passed: left.passed + right.passed,
  failed: left.failed + right.failed,
  skipped: left.skipped + right.skipped,
});

/** The last line of the test command. Continuous integration reads it: change both or none. */
export const summary = ({ passed, failed, skipped }: Counts): string =>
  `${String(passed)} passed, ${String(failed)} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ""}`;

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** What failed so far, as it is said again at the end: a run of thousands of lines hides it. */
const failures: string[] = [];
/** The end of what a failed step printed has the reason. */
const REPEATED_LINES = 25;

/** One line a step, with what it found underneath when it failed. */
export const report = (ok: boolean, name: string, detail: string, output = ""): void => {
  const colour = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  const mark = ok ? "ok  " : "FAIL";
  const coloured = colour ? `\u001b[3${ok ? "2" : "1"}m${mark}\u001b[0m` : mark;
  process.stdout.write(`${coloured} ${name.padEnd(48)} ${detail}\n`);
  const lines = indented(output.trimEnd());
  process.stdout.write(lines.join(""));
  if (!ok) failures.push(`${mark} ${name}\n`, ...lines.slice(-REPEATED_LINES));
};

const indented = (text: string): string[] => (text === "" ? [] : text.split("\n").map((line) => `     ${line}\n`));

/** Behind everything, so that the end of a log says what failed. */
export const reportFailuresAgain = (): void => {
  if (failures.length > 0) process.stdout.write(`\nWhat failed:\n${failures.join("")}`);
};
