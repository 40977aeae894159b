/** Bytes that lie somewhere, of which a part may be asked for (RFC 9110, §14). */
import { sendPieces } from "./answer.js";
import { Refusal } from "./refusal.js";
import type { Call } from "./route.js";

export interface Stored {
  readonly byteLength: number;
  /** The same as long as the bytes are the same. */
  readonly etag: string;
  /** Nobody but their name can change them. */
  readonly isImmutable?: true;
  readonly read: (offset: number, length: number) => Uint8Array;
}

const PIECE_BYTES = 1 << 16;
const UNSATISFIABLE = 416;

/** All of them, or the range that is asked for. @throws {Refusal} where there is no such range */
export async function sendStored(call: Call, stored: Stored): Promise<void> {
  const { request, response } = call;
  const { byteLength, isImmutable } = stored;
  const etag = `"${stored.etag}"`;
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, { ETag: etag }).end();
    return;
  }
  const ifRange = request.headers["if-range"];
  const range = ifRange === undefined || ifRange === etag ? rangeOf(request.headers.range, byteLength) : undefined;
  const { first, last } = range ?? { first: 0, last: byteLength - 1 };
  await sendPieces(call, piecesOf(stored, first, last), range === undefined ? 200 : 206, {
    "Content-Type": "application/octet-stream",
    "Content-Length": last - first + 1,
    "Accept-Ranges": "bytes",
    ETag: etag,
    ...(isImmutable === true ? { "Cache-Control": "private, max-age=31536000, immutable" } : {}),
    ...(range === undefined ? {} : { "Content-Range": `bytes ${String(first)}-${String(last)}/${String(byteLength)}` }),
  });
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Undefined: none, or one that is not understood: then all is sent. @throws {Refusal} */
function rangeOf(header: string | undefined, byteLength: number): Range | undefined {
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const first = from === "" ? Math.max(0, byteLength - Number(to)) : Number(from);
  const last = from === "" || to === "" ? byteLength - 1 : Math.min(Number(to), byteLength - 1);
  if (first <= last) return { first, last };
  throw new Refusal(UNSATISFIABLE, "NO_SUCH_RANGE", `there are ${String(byteLength)} bytes, from 0 on`, {
    "Content-Range": `bytes */${String(byteLength)}`,
  });
}

function* piecesOf({ read }: Stored, first: number, last: number): Generator<Uint8Array, void> {
  for (let at = first; at <= last; at += PIECE_BYTES) yield read(at, Math.min(PIECE_BYTES, last + 1 - at));
}
