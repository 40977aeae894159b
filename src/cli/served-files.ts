/** Recordings over HTTP until a signal ends it: what `serve` and `view` have in common. */
import type { Stdio } from "../streams/host/stdio.js";
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_QUERY_MS } from "../streams/server/defaults.js";
import type { RunningServer, ServerOptions, startServer } from "../streams/server/index.js";
import { openRecording, type RecordingOptions } from "../streams/session/open-recording.js";
import type { Arguments, Option } from "./arguments.js";
import { EXIT } from "./exit-codes.js";
import { readAll, UsageError } from "./problems.js";
import { stoppable } from "./stoppable.js";
import { sayWhereCut } from "./truncation.js";
import { integer, seconds } from "./values.js";

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

/** @throws {UsageError} */
export function serverOptions(
  args: Pick<Arguments<Readonly<Record<keyof typeof SERVER_OPTIONS, Option>>>, "get" | "all" | "has">,
): ServerOptions {
  const read = readAll({
    port: () => portOf(args.get("port")),
    queryMs: () => (args.has("query-time") ? seconds("--query-time", args.get("query-time") ?? "") * 1000 : undefined),
    token: () => tokenOf(args.get("token")),
    origins: () => args.all("allow-origin").map(originOf),
  });
  return { host: args.get("host"), ...read };
}

export interface Serving {
  readonly server: ServerOptions;
  /** It listens. `url`: with its token, if it has one. */
  readonly started: (url: string) => void;
}

/** Serves until a signal comes, or `failed` does. */
export type Serve = (what: Parameters<typeof startServer>[0], failed?: AbortSignal) => Promise<void>;

/** Answers the exit code. `work` has what is served. */
export const serving = (
  stdio: Stdio,
  { server, started }: Serving,
  work: (serve: Serve) => Promise<void>,
): Promise<number> =>
  stoppable(stdio, async ({ signal, codeOf }) => {
    await work(async (what, failed) => {
      // Other commands start without it.
      const { startServer } = await import("../streams/server/index.js");
      const running = await startServer(what, server);
      started(addressOf(running));
      const over = AbortSignal.any(failed === undefined ? [signal] : [signal, failed]);
      if (!over.aborted) await new Promise((resolve) => over.addEventListener("abort", resolve, { once: true }));
      await running.end();
    });
    return codeOf(EXIT.done);
  });

export interface ServedFiles extends Serving {
  readonly paths: readonly string[];
  readonly recording: RecordingOptions;
}

/** Answers the exit code. */
export const serveFiles = (stdio: Stdio, { paths, recording: options, ...how }: ServedFiles): Promise<number> =>
  serving(stdio, how, async (serve) => {
    const { byName } = await import("../streams/server/index.js");
    const files = paths.map((path) => ({ path, recording: openRecording(path, options) }));
    for (const { recording } of files) sayWhereCut(recording, stdio);
    await serve(byName(files));
    for (const { recording } of files) recording.close();
  });

const addressOf = ({ url, token }: RunningServer): string => `${url}/${token === undefined ? "" : `?token=${token}`}`;

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
