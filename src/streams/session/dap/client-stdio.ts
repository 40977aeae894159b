/** The standard streams of a machine whose client is not at a terminal. */
import { PassThrough, Writable } from "node:stream";

import type { Stdio } from "../../host/stdio.js";

/** Nobody types on a standard input, the console is heard, and what is said goes to the client. */
export function clientStdio(said: (text: string) => void): { readonly stdio: Stdio; readonly quit: () => void } {
  let listener: (signal: "SIGTERM") => void = () => undefined;
  const writable = (write: (text: string) => void): Writable =>
    new Writable({
      write: (chunk: Uint8Array, _, done) => {
        write(Buffer.from(chunk).toString("utf8"));
        done();
      },
    });
  const nothing = (): (() => void) => () => undefined;
  const stdio: Stdio = {
    stdin: new PassThrough(),
    stdout: writable(() => undefined),
    stderr: writable(said),
    onSignal: (heard) => {
      listener = heard;
      return () => undefined;
    },
    onExit: nothing,
    onContinued: nothing,
  };
  return {
    stdio,
    quit: () => {
      listener("SIGTERM");
    },
  };
}
