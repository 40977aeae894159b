/** The page's worker: the replay runs here, so that the page answers at once whatever is asked. */
import type { FromWorker, ToWorker } from "../protocol.js";
import { handlerOf } from "./handler.js";

/** What a dedicated worker's global is, as far as it is needed here. */
declare const self: {
  postMessage(message: FromWorker): void;
  addEventListener(type: "message", listen: (event: { readonly data: ToWorker }) => void): void;
};

const handle = handlerOf((message) => {
  self.postMessage(message);
});

self.addEventListener("message", ({ data }) => {
  handle(data);
});
