/** The bytes that a recording is made of: its file, and the images of its machine. */
import { fileSource } from "../../host/file-source.js";
import { hex64 } from "../../../reducers/hex.js";
import { recordingOf } from "../places.js";
import { sendStored } from "../ranges.js";
import { Refusal } from "../refusal.js";
import type { Route } from "../route.js";

const BYTES = { "application/octet-stream": { type: "string", format: "binary" } };
const STATUSES = { 206: "a range of it", 304: "it is still the same", 416: "it has no such range" };

export const file: Route = {
  path: "/recordings/{name}/file",
  summary: "The recording's file, or a range of it.",
  parameters: {},
  answers: BYTES,
  statuses: STATUSES,
  serve: async (call) => {
    const { path, log } = recordingOf(call);
    if (path === undefined) throw new Refusal(404, "NO_FILE", "the recording is in no file");
    const source = fileSource(path);
    try {
      const { size: byteLength } = source;
      // A snapshot makes it longer, and leaves the run as it is.
      const etag = `${hex64(log.identity)}-${String(byteLength)}`;
      await sendStored(call, { byteLength, etag, read: (offset, length) => source.read(offset, length) });
    } finally {
      source.close();
    }
  },
};

export const images: Route = {
  path: "/recordings/{name}/images/{digest}",
  summary: "An image of its machine, by its SHA-256, or a range of it.",
  parameters: {},
  answers: BYTES,
  statuses: { ...STATUSES, 409: "it is not where it was, or is another" },
  serve: async (call) => {
    const digest = call.part("digest");
    const recording = recordingOf(call);
    if (!recording.imageDigests.some(({ sha256 }) => sha256 === digest))
      throw new Refusal(404, "NO_SUCH_IMAGE", "its machine has no image of that SHA-256");
    const contents = recording.contents.find(({ sha256 }) => sha256 === digest);
    if (contents === undefined) throw new Refusal(404, "NO_SUCH_IMAGE", "its bytes are not to be had");
    await sendStored(call, {
      byteLength: contents.byteLength,
      etag: digest,
      isImmutable: true,
      read: (offset, length) => {
        const bytes = new Uint8Array(length);
        contents.read(offset, bytes);
        return bytes;
      },
    });
  },
};
