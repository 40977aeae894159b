/** The standard streams and signals of a process, in one place, so that tests can replace them. */
import { fstatSync } from "node:fs";
import { Readable, type Writable } from "node:stream";

import { fileOutput, isFileLike } from "./file-output.js";

export interface Input extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  unref?(): unknown;
}

export interface Output extends Writable {
  readonly isTTY?: boolean;
}

/** Signals that ask a program to end. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type Signal = (typeof SIGNALS)[number];

export interface Stdio {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /**
   * Calls `listener` at the first signal, and the second one ends the process; or at each. The returned function stops
   * listening.
   */
  readonly onSignal: (listener: (signal: Signal) => void, which?: "first" | "each") => () => void;
  /** Calls `listener` when the process ends in any way. The returned function stops listening. */
  readonly onExit: (listener: () => void) => () => void;
  /** Calls `listener` when the process continues after a stop (SIGCONT). The returned function stops listening. */
  readonly onContinued: (listener: () => void) => () => void;
}

export const processStdio: Stdio = {
  // A getter, because opening standard input has effects on a terminal.
  get stdin() {
    return isFolder(0) ? FOLDER : process.stdin;
  },
  get stdout() {
    return outputOf(1, () => process.stdout);
  },
  get stderr() {
    return outputOf(2, () => process.stderr);
  },
  onSignal(listener, which = "first") {
    const stop = (): void => {
      for (const signal of SIGNALS) process.off(signal, heard);
    };
    const heard = (signal: Signal): void => {
      if (which === "first") stop();
      listener(signal);
    };
    for (const signal of SIGNALS) process.on(signal, heard);
    return stop;
  },
  onExit(listener) {
    process.once("exit", listener);
    return () => {
      process.off("exit", listener);
    };
  },
  onContinued(listener) {
    process.on("SIGCONT", listener);
    return () => {
      process.off("SIGCONT", listener);
    };
  },
};

/** Node shows a folder as an input that has ended: a recording of 0 bytes. */
const FOLDER: Input = new Readable({
  read() {
    this.destroy(new Error("it is a folder"));
  },
});

function isFolder(file: number): boolean {
  try {
    return fstatSync(file).isDirectory();
  } catch {
    return false;
  }
}

const outputs = new Map<number, Output>();

function outputOf(file: number, ofNode: () => Output): Output {
  const output = outputs.get(file) ?? (isFileLike(file) ? fileOutput(file) : ofNode());
  outputs.set(file, output);
  return output;
}

/** The same for who has read standard input already: nobody types. */
export const withoutInput = (stdio: Stdio): Stdio => ({ ...stdio, stdin: Readable.from([]) });
