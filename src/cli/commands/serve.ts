/** `foldvm serve`: recordings over HTTP. */
import { command } from "../command.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { SERVER_OPTIONS, serveFiles, serverOptions } from "../served-files.js";

/** Each is open as long as the server is. */
const MAX_SERVED = 64;

const OPTIONS = { ...SERVER_OPTIONS, ...NAMED_RECORDING_OPTIONS } as const;

export const serve = command({
  name: "serve",
  operand: "FILE",
  more: { words: "FILE...", most: MAX_SERVED - 1 },
  summary: "Serves recordings over HTTP: events as they are read, states, memory, questions.",
  options: OPTIONS,
  notes: "Example: foldvm serve boot.fold, and then: curl -N localhost:8080/recordings/boot/events\n",
  read(args) {
    const server = serverOptions(args);
    return (stdio) =>
      serveFiles(stdio, {
        paths: args.operands,
        recording: namedRecordingOptions(args),
        server,
        started: (url) => stdio.stderr.write(`foldvm: ${url}\n`),
      });
  },
});
