/** Which recordings there are, and what one is. */
import { sendJson } from "../answer.js";
import { recordingOf } from "../places.js";
import type { Route } from "../route.js";
import { INFO } from "../schemas.js";
import type { Recording } from "../../past/recording.js";

const infoOf = (name: string, recording: Recording): object => ({ name, ...recording.info });

export const recordings: Route = {
  path: "/recordings",
  summary: "The recordings that are served: what each is, without running it.",
  parameters: {},
  answers: { "application/json": { type: "array", items: INFO } },
  serve: (call) => {
    const {
      served: { recordings: served },
      signal,
    } = call;
    const all = served.names().flatMap((name) => {
      const recording = served.get(name, signal);
      return recording === undefined ? [] : [infoOf(name, recording)];
    });
    sendJson(call, all);
  },
};

export const recording: Route = {
  path: "/recordings/{name}",
  summary: "What a recording is, without running it: machine, images, length, how it ended.",
  parameters: {},
  answers: { "application/json": INFO },
  serve: (call) => {
    sendJson(call, infoOf(call.part("name"), recordingOf(call)));
  },
};
