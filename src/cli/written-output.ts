/**
 * What a command wrote to the standard streams has arrived, or it has not: a full disk behind one of them is told by
 * the exit code.
 */
import { outputError, type OutputError } from "../streams/host/output-error.js";
import type { Output, Stdio } from "../streams/host/stdio.js";

export interface WrittenOutput {
  /** Waits until all is written. Answers why the standard output could not be, and why the standard error could not. */
  settle(): Promise<readonly [OutputError | undefined, OutputError | undefined]>;
}

/** Listens for good: a stream that fails without a listener ends the process, and what is said last may fail too. */
export const writtenOutput = ({ stdout, stderr }: Stdio): WrittenOutput => {
  const streams = [watched("standard output", stdout), watched("standard error", stderr)] as const;
  return { settle: async () => [await streams[0](), await streams[1]()] };
};

const watched = (name: string, stream: Output): (() => Promise<OutputError | undefined>) => {
  let cause: unknown;
  const hear = (fault: unknown): void => {
    cause ??= fault;
  };
  stream.on("error", hear);
  return async () => {
    await new Promise<void>((resolve) => {
      stream.write("", (fault) => {
        if (fault) hear(fault);
        resolve();
      });
    });
    return cause === undefined ? undefined : outputError(name, cause);
  };
};
