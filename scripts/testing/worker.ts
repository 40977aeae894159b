// A child process of the test command: runs the test files it is told, one after the other, and says how each ended.
import { pathToFileURL } from "node:url";

/**
 * The parent sends the path of a test file, or FAREWELL; the answer to a path is ANSWER, a `FileResult` as JSON and a
 * NUL on standard output.
 */
export const ANSWER = "\0foldvm-test-result ";

/** Ends the process. Not a disconnect: after its own disconnect() Node 20 tells a parent of no "close". */
export const FAREWELL = "";

export interface FileResult {
  passed: number;
  failed: number;
  skipped: number;
  /** What uvu has no words for. */
  faults: string[];
  /** Of the process after the file, for the parent to decide whether it takes another. */
  residentBytes: number;
}

/** uvu's own shape for one `suite.run()` (uvu 0.5.6, dist/index.mjs): errors or true, passed, skipped, total. */
type UvuRun = () => Promise<[string | true, number, number, number]>;

const uvuGlobals = globalThis as unknown as { UVU_DEFER: number; UVU_INDEX: number; UVU_QUEUE: (string | UvuRun)[][] };
uvuGlobals.UVU_DEFER = 1;
uvuGlobals.UVU_INDEX = 0;

const runFile = async (path: string): Promise<FileResult> => {
  const queue: (string | UvuRun)[] = [];
  uvuGlobals.UVU_QUEUE = [queue];
  await import(pathToFileURL(path).href);
  const result: FileResult = { passed: 0, failed: 0, skipped: 0, faults: [], residentBytes: 0 };
  for (const run of queue) {
    if (typeof run === "string") continue;
    const [errors, passed, skipped, total] = await run();
    result.passed += passed;
    result.failed += total - passed;
    result.skipped += skipped;
    if (typeof errors === "string") process.stdout.write(`\n${errors}\n`);
    // uvu drops what a before hook throws, and leaves the tests uncounted.
    else if (passed < total) result.faults.push("a before or after hook threw; uvu keeps no word of it");
  }
  if (queue.length === 0) result.faults.push("no suite was run: is run() missing?");
  return result;
};

const answer = (result: FileResult): void => {
  process.stdout.write(`${ANSWER}${JSON.stringify({ ...result, residentBytes: process.memoryUsage.rss() })}\0`);
  process.channel?.ref();
};

if (process.send !== undefined) {
  // One pipe for both, so that the answer comes after everything that the file wrote.
  process.stderr.write = process.stdout.write.bind(process.stdout);
  process.on("disconnect", () => process.exit());
  process.on("message", (path: string) => {
    if (path === FAREWELL) process.exit();
    // A test that awaits what never comes then ends the process at once, instead of at the time limit.
    process.channel?.unref();
    runFile(path).then(answer, (error: unknown) => {
      process.stdout.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      answer({ passed: 0, failed: 0, skipped: 0, faults: ["the file itself threw"], residentBytes: 0 });
    });
  });
}
