/** A monitor on a pair of streams: an editor with history and completion on a terminal, a script on a pipe. */
import { createInterface, type Interface } from "node:readline";
import { EMPTY, type Observable } from "rxjs";

import type { ConsoleOutput } from "../../host/terminal/stdio-output.js";
import type { Input, Output } from "../../host/stdio.js";
import { Monitor, PROMPT } from "./monitor.js";
import { MonitorError } from "../target/monitor-error.js";
import { MAX_LINE_BYTES, ShortLines } from "./short-lines.js";
import type { MonitorTarget } from "../target/target.js";

export interface PromptOptions {
  /** A prompt also where neither end is a terminal. */
  readonly isPrompted?: boolean;
  /** The guest's console, where it is on the same output: answers have lines of their own. */
  readonly console?: Pick<ConsoleOutput, "startLine" | "lineEnded">;
  /** Who types came back from the guest's console: the prompt is shown again. */
  readonly returned$?: Observable<void>;
}

/**
 * On a terminal Ctrl-C stops what runs and leaves the prompt, and an empty line steps again. Errors are lines `error
 * CODE: what is wrong`. Once the input has ended or the monitor was quit, answers how many there were of a script; what
 * somebody mistypes at a terminal was seen, and is none.
 */
export async function runPrompt(
  target: MonitorTarget,
  input: Input,
  output: Output,
  ended: Promise<unknown>,
  { isPrompted = false, console, returned$ = EMPTY }: PromptOptions = {},
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
  const { say, prompt } = voiceOf(lines, output, isTerminal, console);
  let errors = 0;
  void ended.then(() => {
    lines.close();
  });
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
  const returning = returned$.subscribe(() => {
    if (!isBusy) prompt();
  });
  prompt();
  for await (const line of lines) {
    isBusy = true;
    if (isTerminal) console?.lineEnded();
    try {
      if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw tooLong();
      say(await (isTerminal && line.trim() === "" ? monitor.repeat() : monitor.execute(line)));
    } catch (fault) {
      if (!isTerminal) errors += 1;
      say(`error ${codeOf(fault)}: ${fault instanceof Error ? fault.message : String(fault)}`);
    }
    isBusy = false;
    prompt();
  }
  returning.unsubscribe();
  return errors;
}

/** What says an answer, and what asks for the next line. */
function voiceOf(lines: Interface, output: Output, isTerminal: boolean, console: PromptOptions["console"]) {
  let isClosed = false;
  lines.once("close", () => (isClosed = true));
  return {
    say: (answer: string): void => {
      // Whoever asked may have gone meanwhile.
      if (answer === "" || !output.writable) return;
      console?.startLine();
      output.write(`${answer}\n`);
    },
    prompt: (): void => {
      // A pipe's last lines are still read when it has ended: nobody is asked for more then.
      if (isClosed || !output.writable) return;
      if (isTerminal) console?.startLine();
      lines.prompt();
    },
  };
}

const tooLong = (): MonitorError =>
  new MonitorError("LINE_TOO_LONG", `a line has at most ${String(MAX_LINE_BYTES)} bytes; this one was not looked at`);

const codeOf = (fault: unknown): string =>
  typeof fault === "object" && fault !== null && "code" in fault ? String(fault.code) : "INTERNAL";
