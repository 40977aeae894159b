/** WebSockets of the server: which there are, and who is let in. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

import { WebSocketServer, type RawData } from "ws";

import type { Access } from "../access.js";
import { addressOf } from "../handle.js";
import { jsonRow } from "../../past/query/ndjson.js";
import type { NumberedRow } from "../cursor.js";
import { Given, type Parameters } from "../parameters.js";
import { recordingOf } from "../places.js";
import { problemOf, Refusal } from "../refusal.js";
import type { Served } from "../route.js";
import { fittingOf } from "../router.js";
import { eventRows } from "../routes/events.js";
import { LIVE_PARAMETERS, liveOf, liveRows } from "../routes/live.js";
import { queryRows } from "../routes/query.js";
import { consoleSocket } from "./live-console.js";
import { GOING_AWAY, Peer } from "./peer.js";
import { Questions } from "./questions.js";

/** At the same time. */
export const MAX_SOCKETS = 128;
/** Of a message that comes. */
export const MAX_FRAME_BYTES = 1 << 16;

export interface Sockets {
  /** Those that have not closed after a time are let go. */
  end(patienceMs: number): void;
}

interface SocketRoute {
  readonly path: string;
  readonly parameters: Parameters;
  /** What is done with its peer, which answers who hears it. @throws {Refusal} before it is let in */
  readonly open: (asked: SocketAsked) => (peer: Peer) => Heard;
}

interface SocketAsked {
  readonly part: (name: string) => string;
  readonly given: Given;
  readonly served: Served;
  readonly signal: AbortSignal;
}

type Heard = (message: Buffer) => void;

const SOCKETS: readonly SocketRoute[] = [
  {
    path: "/recordings/{name}/socket",
    parameters: {},
    open: (asked) => {
      const recording = recordingOf(asked);
      return (peer) => {
        const questions = new Questions(peer, recording, asked.served, { events: eventRows, query: queryRows });
        return (message) => {
          questions.hear(message.toString("utf8"));
        };
      };
    },
  },
  {
    path: "/live/console",
    parameters: {},
    open: ({ served }) => {
      const { console } = liveOf(served);
      return (peer) => consoleSocket(console, peer);
    },
  },
  {
    path: "/live/events",
    parameters: LIVE_PARAMETERS,
    open: (asked) => {
      const rows = liveRows(asked, asked.given.text("after"));
      return (peer) => {
        void sendRowsTo(peer, rows);
        return () => undefined;
      };
    },
  },
];

/** A row is a message. What was asked for is over where it closes. */
async function sendRowsTo(peer: Peer, rows: AsyncIterable<NumberedRow>): Promise<void> {
  try {
    for await (const { id, row } of rows) if (!(await peer.send(jsonRow({ at: id, row })))) return;
  } catch (fault) {
    await peer.send(jsonRow({ failed: problemOf(fault) }));
  }
  peer.socket.close();
}

export function serveSockets(server: Server, { access, served }: { access: Access; served: Served }): Sockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  server.on("upgrade", (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on("error", () => undefined);
    try {
      const url = addressOf(request);
      access.admit(request, url);
      if (sockets.clients.size >= MAX_SOCKETS)
        throw new Refusal(503, "BUSY", `there are ${String(MAX_SOCKETS)} sockets already: close one`);
      const { route, part } = fittingOf(SOCKETS, url.pathname);
      const gone = new AbortController();
      connection.on("close", () => {
        gone.abort();
      });
      const given = new Given(url.searchParams, route.parameters);
      const met = route.open({ part, given, served, signal: gone.signal });
      sockets.handleUpgrade(request, connection, head, (socket) => {
        const heard = met(new Peer(socket));
        socket.on("message", (data: RawData) => {
          heard(data as Buffer);
        });
      });
    } catch (fault) {
      refuse(connection, fault);
    }
  });
  return {
    end: (patienceMs) => {
      for (const socket of sockets.clients) socket.close(GOING_AWAY);
      setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, patienceMs).unref();
    },
  };
}

/** A browser shows its page the failure alone; other clients read what is wrong. */
function refuse(connection: Duplex, fault: unknown): void {
  const problem = problemOf(fault);
  const body = JSON.stringify(problem);
  connection.end(
    `HTTP/1.1 ${String(problem.status)} ${problem.code}\r\nConnection: close\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
}
