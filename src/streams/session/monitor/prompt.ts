/** A monitor on a pair of streams: an editor with history and completion on a terminal, a script on a pipe. */
import { createInterface } from "node:readline";

import type { Input, Output } from "../../host/stdio.js";
import { Monitor, PROMPT } from "./monitor.js";
import { MonitorError } from "./monitor-error.js";
import { MAX_LINE_BYTES, ShortLines } from "./short-lines.js";
import type { MonitorTarget } from "./target.js";

/**
 * On a terminal Ctrl-C stops what runs and leaves the prompt, and an empty line steps again. Errors are lines `error
 * CODE: what is wrong`. Answers how many there were, once the input has ended or the monitor was quit.
 */
export async function runPrompt(
  target: MonitorTarget,
  input: Input,
  output: Output,
  ended: Promise<unknown>,
  { isPrompted = false }: { readonly isPrompted?: boolean } = {},
): Promise<number> {
  const monitor = new Monitor(target);
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const lines = createInterface({
    input: isTerminal ? input : input.pipe(new ShortLines()),
    output,
    terminal: isTerminal,
    // At a socket it tells a program that the answer before it is whole.
    prompt: isTerminal || isPrompted ? PROMPT : "",
    completer: (line: string): [string[], string] => monitor.complete(line),
  });
  let isClosed = false;
  lines.once("close", () => (isClosed = true));
  // A pipe's last lines are still read when it has ended: nobody is asked for more then.
  const prompt = (): void => {
    if (!isClosed && output.writable) lines.prompt();
  };
  let errors = 0;
  void ended.then(() => {
    lines.close();
  });
  const say = (answer: string): void => {
    // Whoever asked may have gone meanwhile.
    if (answer !== "" && output.writable) output.write(`${answer}\n`);
  };
  let isBusy = false;
  const interrupt = async (): Promise<void> => {
    const isAnswered = isBusy;
    if (!isAnswered) {
      // As a shell: the line that was begun is dropped.
      lines.write(null, { ctrl: true, name: "e" });
      lines.write(null, { ctrl: true, name: "u" });
      say("^C");
    }
    const stopped = await monitor.interrupt();
    // What waited for the machine says where it stands.
    if (isAnswered) return;
    say(stopped ?? "");
    prompt();
  };
  lines.on("SIGINT", () => void interrupt());
  prompt();
  for await (const line of lines) {
    isBusy = true;
    try {
      if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw tooLong();
      say(await (isTerminal && line.trim() === "" ? monitor.repeat() : monitor.execute(line)));
    } catch (fault) {
      errors += 1;
      say(`error ${codeOf(fault)}: ${fault instanceof Error ? fault.message : String(fault)}`);
    }
    isBusy = false;
    prompt();
  }
  return errors;
}

const tooLong = (): MonitorError =>
  new MonitorError("LINE_TOO_LONG", `a line has at most ${String(MAX_LINE_BYTES)} bytes; this one was not looked at`);

const codeOf = (fault: unknown): string =>
  typeof fault === "object" && fault !== null && "code" in fault ? String(fault.code) : "INTERNAL";
