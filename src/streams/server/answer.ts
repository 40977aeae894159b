/** What goes back over a connection, no faster than it is read. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { jsonRow } from "../past/query/ndjson.js";
import type { Call } from "./route.js";

type Headers = Readonly<Record<string, string | number>>;

/** 64-bit values are decimal texts, bytes hexadecimal, as in all rows. */
export function sendJson({ response }: Pick<Call, "response">, body: unknown, type = "application/json"): void {
  sendText({ response }, `${jsonRow(body)}\n`, type);
}

export function sendText({ response }: Pick<Call, "response">, text: string, type: string): void {
  sendBytes({ response }, Buffer.from(text), `${type}; charset=utf-8`);
}

export function sendBytes({ response }: Pick<Call, "response">, bytes: Uint8Array, type: string): void {
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Length", bytes.length);
  response.end(response.req.method === "HEAD" ? undefined : bytes);
}

/** Ends with the pieces, or where nobody reads any more. */
export async function sendPieces(
  { request, response, signal }: Pick<Call, "request" | "response" | "signal">,
  pieces: AsyncIterable<string | Uint8Array> | Iterable<Uint8Array>,
  status: number,
  headers: Headers,
): Promise<void> {
  response.writeHead(status, headers);
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  // Whoever asked sees that it is on its way, before there is a first piece.
  response.flushHeaders();
  await untilGone(
    pipeline(Readable.from(pieces, { objectMode: true, highWaterMark: 1 }), response, { signal }),
    response,
  );
}

/** That its reader goes is no fault. */
async function untilGone(sent: Promise<void>, response: ServerResponse): Promise<void> {
  try {
    await sent;
  } catch (fault) {
    if (!response.destroyed) throw fault;
  }
}
