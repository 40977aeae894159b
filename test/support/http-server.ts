/** A server of recordings in this process, and those who ask it. */
import { connect, type Socket } from "node:net";

import { byName, startServer, type RunningServer, type ServerOptions } from "../../src/streams/server/index.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";

export const RACE = "logs/race-fails.fold";

/** At a port that is free. A recording of a program's is named by its place: `0`. */
export async function withServer<T>(
  recordings: readonly (string | Recording)[],
  work: (url: string, server: RunningServer) => Promise<T>,
  options: ServerOptions = {},
): Promise<T> {
  const files = recordings.map((one, index) =>
    typeof one === "string"
      ? { path: one, recording: openRecording(one, { index: false }) }
      : { path: String(index), recording: one },
  );
  const server = await startServer(byName(files), { port: 0, ...options });
  try {
    return await work(server.url, server);
  } finally {
    await server.end();
    for (const { recording } of files) recording.close();
  }
}

export const textAt = async (url: string, headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(url, { headers })).text();

export type Row = Readonly<Record<string, unknown>>;

export const rowsOf = (ndjson: string): Row[] =>
  ndjson
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);

export interface SentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** The messages of an event stream, as the HTML standard has them read (§9.2.6), apart from comments and `retry`. */
export function sentEvents(text: string): SentEvent[] {
  let id = "";
  return text
    .split("\n\n")
    .slice(0, -1)
    .flatMap((block) => {
      const fields = new Map(
        block.split("\n").map((line): [string, string] => {
          const at = line.indexOf(":");
          return [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
        }),
      );
      id = fields.get("id") ?? id;
      const data = fields.get("data");
      return data === undefined ? [] : [{ id, event: fields.get("event") ?? "message", data }];
    });
}

/** Sends bytes as they are, and answers what comes back until the server closes, or what has come after a while. */
export const sentRaw = (url: string, bytes: string, withinMs = 5000): Promise<string> =>
  new Promise((resolve) => {
    let answer = "";
    const socket = connectedTo(url);
    const late = setTimeout(() => socket.destroy(), withinMs);
    socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
    socket
      .on("error", () => undefined)
      .on("close", () => {
        clearTimeout(late);
        resolve(answer);
      });
    socket.write(bytes, "latin1");
  });

export function connectedTo(url: string): Socket {
  const { port } = new URL(url);
  return connect(Number(port), "127.0.0.1");
}
