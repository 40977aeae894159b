/** The page on which the recordings are looked at, and what it needs beside them. */
import { hex64 } from "../../../reducers/hex.js";
import {
  describedSource,
  pageFile,
  pageIndex,
  pageRecording,
  pageSources,
  pageSymbols,
  SERVED_POLICY,
  servedPage,
  titleOf,
} from "../../page/index.js";
import type { PageFile, PageRecording, PageScript } from "../../page/index.js";
import type { Recording } from "../../past/recording.js";
import { sendJson, sendText } from "../answer.js";
import { recordingOf } from "../places.js";
import { sendStored } from "../ranges.js";
import { Refusal } from "../refusal.js";
import type { Call, Route } from "../route.js";

const HTML = { "text/html": { type: "string" } };
const BYTES = { "application/octet-stream": { type: "string", format: "binary" } };

export const page: Route = {
  path: "/",
  summary: "The page on which the recordings are looked at, as foldvm view opens it.",
  parameters: {},
  answers: HTML,
  serve: (call) => {
    const { response, served } = call;
    response.setHeader("Content-Security-Policy", SERVED_POLICY);
    sendText(call, servedPage(titleOf(served.recordings.names().map((name) => ({ name })))), "text/html");
  },
};

/** By media type. */
const SCRIPTS: Readonly<Record<PageScript, string>> = {
  "page.js": "text/javascript",
  "worker.js": "text/javascript",
  "style.css": "text/css",
};

export const pageScripts: readonly Route[] = Object.entries(SCRIPTS).map(([name, type]) => ({
  path: `/page/${name}`,
  summary: "A file of the page.",
  parameters: {},
  answers: { [type]: { type: "string" } },
  serve: (call) => {
    sendText(call, pageFile(name as PageScript), type);
  },
}));

export const pageRecordings: Route = {
  path: "/page/sources",
  summary: "The recordings as the page opens them: where their files, images, disks and states are.",
  parameters: {},
  answers: { "application/json": { type: "array", items: { type: "object" } } },
  statuses: { 409: "an image is not where it was, or is another" },
  serve: (call) => {
    const {
      served: { recordings, live },
      signal,
    } = call;
    const sources = recordings.names().flatMap((name) => {
      const recording = recordings.get(name, signal);
      const ofMachine = live === undefined ? {} : { live: LIVE };
      return recording === undefined ? [] : [{ ...sourceOf(name, pageRecording(name, recording)), ...ofMachine }];
    });
    sendJson(call, sources);
  },
};

/** Where the page asks whether the machine runs, and types at it. */
const LIVE = { status: { url: "live" }, console: { url: "live/console" } };

const sourceOf = (name: string, recording: PageRecording): object =>
  describedSource(recording, ({ place }) => ({ url: `recordings/${encodeURIComponent(name)}/${place}` }));

export const disk: Route = {
  path: "/recordings/{name}/disks/{slot}",
  summary: "What was on a disk of its machine when it started, without format or backing files, or a range of it.",
  parameters: {},
  answers: BYTES,
  statuses: { 206: "a range of it", 409: "its image is not where it was, or is another" },
  serve: async (call) => {
    const { disks, log } = recordingOf(call);
    const found = disks.get(Number(call.part("slot")));
    if (found === undefined) throw new Refusal(404, "NO_SUCH_DISK", "its machine has no disk in that slot");
    const { byteLength } = found;
    await sendStored(call, {
      byteLength,
      // A recording names its images by their contents.
      etag: `${hex64(log.identity)}-disk${call.part("slot")}`,
      read: (offset, length) => {
        const bytes = new Uint8Array(length);
        found.read(offset, bytes);
        return bytes;
      },
    });
  },
};

export const index: Route = {
  path: "/recordings/{name}/index",
  summary: "The states that foldvm index has kept of it, or a range of them.",
  parameters: {},
  answers: BYTES,
  statuses: { 206: "a range of them" },
  serve: async (call) => {
    const states = pageIndex(recordingOf(call));
    if (states === undefined) throw new Refusal(404, "NO_STATES", "no states are kept of it");
    await sendWhole(call, states);
  },
};

export const symbols = numberedFiles({
  path: "/recordings/{name}/symbols/{number}",
  summary: "A file with more names of its program, as --symbols named them, or a range of it.",
  fileOf: (recording, number) => pageSymbols(recording)[number],
  none: "no such file of names was given",
});

export const sourceTexts = numberedFiles({
  path: "/recordings/{name}/sources/{number}",
  summary: "The text of a file that its program was compiled from, or a range of it.",
  fileOf: (recording, number) => pageSources(recording)[number]?.file,
  none: "no such source is here",
});

interface NumberedFiles extends Pick<Route, "path" | "summary"> {
  readonly fileOf: (recording: Recording, number: number) => PageFile | undefined;
  /** Why there is none with that number. */
  readonly none: string;
}

function numberedFiles({ path, summary, fileOf, none }: NumberedFiles): Route {
  return {
    ...{ path, summary, parameters: {}, answers: BYTES, statuses: { 206: "a range of it" } },
    serve: async (call) => {
      const file = fileOf(recordingOf(call), Number(call.part("number")));
      if (file === undefined) throw new Refusal(404, "NO_SUCH_FILE", none);
      await sendWhole(call, file);
    },
  };
}

/** It is read once somebody asks for it. */
const sendWhole = (call: Call, file: PageFile): Promise<void> => {
  const { byteLength, place, stamp = String(byteLength) } = file;
  let bytes: Uint8Array | undefined;
  return sendStored(call, {
    byteLength,
    etag: `${place}-${stamp}`,
    read: (offset, length) => (bytes ??= file.read()).subarray(offset, offset + length),
  });
};
