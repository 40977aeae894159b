/** Many readers of one event stream: some slow, some gone in the middle and back behind their last row. */
import * as assert from "uvu/assert";

import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { connectedTo, sentEvents, withServer } from "./http-server.js";
import { manyEvents } from "./many-events.js";
import { seededRandom } from "./seeded-random.js";

export interface Readers {
  readonly count: number;
  readonly events: number;
  readonly seed: number;
}

/** What one of them has when it leaves, or when the stream ends. */
interface Had {
  readonly seqs: readonly number[];
  readonly isWhole: boolean;
}

/** Each has every event once, in order, whoever goes and comes. */
export async function readByMany({ count, events, seed }: Readers): Promise<void> {
  const random = seededRandom(seed);
  const { recording } = manyEvents(events);
  const work = async (url: string): Promise<void> => {
    const all = Array.from({ length: count }, () => {
      const isSlow = random(4) === 0;
      const leaves = Array.from({ length: random(4) }, () => 1 + random(events));
      return readThrough(url, { isSlow, leavesAfter: leaves });
    });
    for (const [reader, seqs] of (await Promise.all(all)).entries()) {
      assert.is(seqs.length, events, `seed ${String(seed)}, reader ${String(reader)}`);
      assert.ok(
        seqs.every((seq, index) => seq === index + 1),
        `seed ${String(seed)}, reader ${String(reader)}: not in order`,
      );
    }
  };
  // Readers and server share a thread here, so that a request may wait long until it is looked at.
  await withServer([recording], work, { headersMs: 120_000 });
}

interface Reader {
  readonly isSlow: boolean;
  /** So many rows after which it goes, each time. */
  readonly leavesAfter: readonly number[];
}

async function readThrough(url: string, { isSlow, leavesAfter }: Reader): Promise<readonly number[]> {
  const seqs: number[] = [];
  for (const most of [...leavesAfter, Infinity]) {
    const had = await readOnce(url, { after: seqs.length, most, isSlow });
    seqs.push(...had.seqs);
    if (had.isWhole) break;
  }
  return seqs;
}

/** On a socket of its own: a client that reads ahead would not be slow. */
function readOnce(
  url: string,
  { after, most, isSlow }: { readonly after: number; readonly most: number; readonly isSlow: boolean },
): Promise<Had> {
  const socket: Socket = connectedTo(url);
  return new Promise((resolve, reject) => {
    let text = "";
    const had = (): Had => {
      const sent = sentEvents(text.slice(0, text.lastIndexOf("\n\n") + 2));
      const isWhole = sent.at(-1)?.event === "end";
      const rows = isWhole ? sent.slice(0, -1) : sent;
      return { seqs: rows.slice(0, most).map(({ id }) => Number(id)), isWhole: isWhole && rows.length <= most };
    };
    socket.on("error", reject).on("close", () => {
      resolve(had());
    });
    socket.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      // A row has about as many characters: it is looked at once there may be enough.
      if (text.length > most * 100 && had().seqs.length >= most) socket.destroy();
      if (!isSlow) return;
      socket.pause();
      void sleep(1).then(() => socket.resume());
    });
    // HTTP/1.0: without chunks between the rows.
    socket.write(
      `GET /recordings/0/events HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n` +
        `${after === 0 ? "" : `Last-Event-ID: ${String(after)}\r\n`}\r\n`,
    );
  });
}
