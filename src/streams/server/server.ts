/** The HTTP server: what it listens on, its limits, and its end. */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { socketFault } from "../host/net/socket-faults.js";
import { version } from "../host/version.js";
import { Access, isLoopback } from "./access.js";
import { DEFAULT_HOST, DEFAULT_PORT, DEFAULT_QUERY_MS } from "./defaults.js";
import { handle } from "./handle.js";
import { LiveMachine } from "./live/live-machine.js";
import { ofLive } from "./recordings-by-name.js";
import { reachedAt } from "./reached-at.js";
import type { RecordingsServed, Served } from "./route.js";
import { LIVE_ROUTES, ROUTES } from "./routes/index.js";
import { ServerError } from "./server-error.js";
import { serveSockets } from "./sockets/index.js";
import { Slots } from "./slots.js";
import { watchOf } from "./watch.js";

export interface ServerOptions {
  /** The address to listen on (127.0.0.1). Anything that is not the loopback's needs a token, and makes one. */
  readonly host?: string | undefined;
  /** 0: any that is free (8080). */
  readonly port?: number | undefined;
  readonly token?: string | undefined;
  /** Of pages that may read answers, as `https://example.org`. */
  readonly origins?: readonly string[] | undefined;
  /** The longest that a question may take (600,000). */
  readonly queryMs?: number | undefined;
  /** At the same time (MAX_CONNECTIONS). */
  readonly connections?: number | undefined;
  /** Streams of what replays find, at the same time (MAX_OPEN_REPLAYS). */
  readonly openReplays?: number | undefined;
  /** For the headers of a request (MAX_HEADERS_MS). */
  readonly headersMs?: number | undefined;
}

export interface RunningServer {
  /** Where it is reached, without the token. */
  readonly url: string;
  /** Undefined: none is needed. */
  readonly token: string | undefined;
  /** Ends all answers, and then itself. */
  end(): Promise<void>;
}

/** More are closed as they come. */
export const MAX_CONNECTIONS = 2048;
export const MAX_HEADER_BYTES = 16 << 10;
/** From the first byte of a request, or of a connection, to its last header. */
export const MAX_HEADERS_MS = 10_000;
/** Connections that come at once wait here for their turn, and are not reset. */
const BACKLOG = MAX_CONNECTIONS;
const CHECK_MS = 500;
const KEEP_ALIVE_MS = 5000;
/** For peers to take what was sent, at the end. */
const PATIENCE_MS = 500;
const TOKEN_BYTES = 24;

/** @throws {ServerError} where the host can't listen there */
export async function startServer(
  what: RecordingsServed | LiveMachine,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, origins = [], queryMs = DEFAULT_QUERY_MS } = options;
  const { connections = MAX_CONNECTIONS, headersMs = MAX_HEADERS_MS, openReplays } = options;
  const token = options.token ?? (isLoopback(host) ? undefined : randomBytes(TOKEN_BYTES).toString("base64url"));
  const access = new Access({ host, token, origins });
  const served: Served = {
    ...(what instanceof LiveMachine
      ? { recordings: ofLive(what), live: what, routes: LIVE_ROUTES }
      : { recordings: what, live: undefined, routes: ROUTES }),
    slots: new Slots(undefined, undefined, openReplays),
    watch: (signal) => watchOf(signal, queryMs),
    version: version(),
  };
  const answering = new Set<AbortController>();
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headersMs,
      requestTimeout: headersMs,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
    },
    (request, response) => {
      const gone = new AbortController();
      answering.add(gone);
      response.on("close", () => {
        answering.delete(gone);
        gone.abort();
      });
      void handle(request, response, { access, served, signal: gone.signal });
    },
  );
  server.maxConnections = connections;
  server.on("clientError", refuseConnection);
  const sockets = serveSockets(server, { access, served });
  await listening(server, host, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: reachedAt(host, bound),
    token,
    end: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const gone of answering) gone.abort();
      sockets.end(PATIENCE_MS);
      server.closeIdleConnections();
      const patience = setTimeout(() => {
        server.closeAllConnections();
      }, PATIENCE_MS);
      await closed;
      clearTimeout(patience);
    },
  };
}

/** What is no request of HTTP, or comes too slowly or too large. */
function refuseConnection(fault: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || fault.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, reason] = STATUS_OF_CODE[fault.code ?? ""] ?? [400, "Bad Request"];
  socket.end(`HTTP/1.1 ${String(status)} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  // Whoever goes on sending is not read any further.
  socket.destroySoon();
}

const STATUS_OF_CODE: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout"],
};

const listening = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (fault) => {
      reject(new ServerError(socketFault(`${host}:${String(port)}`, fault).message, { cause: fault }));
    });
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
