/** `foldvm serve`: recordings over HTTP. */
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_QUERY_MS } from "../../streams/server/defaults.js";
import { openRecording } from "../../streams/session/open-recording.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { readAll, UsageError } from "../problems.js";
import { stoppable } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { integer, seconds } from "../values.js";

/** Each is open as long as the server is. */
const MAX_SERVED = 64;
const LAST_PORT = 0xffff;

export const SERVER_OPTIONS = {
  port: { short: "p", value: "PORT", help: `where to listen (${String(DEFAULT_PORT)}); 0: at any that is free` },
  host: { value: "ADDRESS", help: `the address to listen on (${DEFAULT_HOST}); any but the loopback's needs a token` },
  token: { value: "TEXT", help: "what who asks has to know; of another address than the loopback's, made by chance" },
  "allow-origin": {
    value: "ORIGIN",
    isRepeatable: true,
    help: "a page of it may read answers, as https://example.org; may be repeated",
  },
  "query-time": {
    value: "SECONDS",
    help: `the longest that a question may take (${String(DEFAULT_QUERY_MS / 1000)})`,
  },
} as const;

const OPTIONS = { ...SERVER_OPTIONS, ...NAMED_RECORDING_OPTIONS } as const;

export const serve = command({
  name: "serve",
  operand: "FILE",
  more: { words: "FILE...", most: MAX_SERVED - 1 },
  summary: "Serves recordings over HTTP: events as they are read, states, memory, questions.",
  options: OPTIONS,
  notes: "Example: foldvm serve boot.fold, and then: curl -N localhost:8080/recordings/boot/events\n",
  read(args) {
    const { port, queryMs, token, origins } = readAll({
      port: () => portOf(args.get("port")),
      queryMs: () =>
        args.has("query-time") ? seconds("--query-time", args.get("query-time") ?? "") * 1000 : undefined,
      token: () => tokenOf(args.get("token")),
      origins: () => args.all("allow-origin").map(originOf),
    });
    return (stdio) =>
      stoppable(stdio, async ({ signal, codeOf }) => {
        // Other commands start without it.
        const { byName, startServer } = await import("../../streams/server/index.js");
        const options = namedRecordingOptions(args);
        const files = args.operands.map((path) => ({ path, recording: openRecording(path, options) }));
        for (const { recording } of files) sayWhereCut(recording, stdio);
        const server = await startServer(byName(files), { host: args.get("host"), port, token, origins, queryMs });
        stdio.stderr.write(`foldvm: ${server.url}/${server.token === undefined ? "" : `?token=${server.token}`}\n`);
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        await server.end();
        for (const { recording } of files) recording.close();
        return codeOf(EXIT.done);
      });
  },
});

function portOf(text: string | undefined): number | undefined {
  const port = text === undefined ? undefined : integer("--port", text);
  if (port === undefined || port <= LAST_PORT) return port;
  throw new UsageError(`--port ${String(port)}: a port is 0 to ${String(LAST_PORT)}`);
}

function tokenOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[\w.~-]{8,200}$/.test(text)) return text;
  throw new UsageError("--token: give 8 to 200 letters, digits, and . _ ~ -, which an address and a header can hold");
}

function originOf(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : undefined;
  if (origin === text) return text;
  throw new UsageError(
    `--allow-origin ${text}: an origin is a scheme, a host and a port where it is no usual one, as https://example.org`,
  );
}
