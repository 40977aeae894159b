/** The page's worker in this process: what goes between is copied, as between threads. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { clientOf, type Client } from "../../web/client.js";
import type { FromWorker, Source, ToWorker } from "../../web/protocol.js";
import { handlerOf } from "../../web/worker/handler.js";
import { DEMO_ELF } from "./demo-guest.js";

export function workerHere(): Client {
  let listen: (event: { readonly data: FromWorker }) => void = () => undefined;
  const handle = handlerOf((message) => {
    const data = structuredClone(message);
    setImmediate(() => {
      listen({ data });
    });
  });
  return clientOf({
    postMessage: (message: ToWorker) => {
      handle(structuredClone(message));
    },
    addEventListener: (_type, heard) => {
      listen = heard;
    },
  });
}

/** A recording of the demo's guest. */
export const demoSource = (path: string): Source => ({
  name: basename(path),
  recording: bytesOf(path),
  images: { [createHash("sha256").update(readFileSync(DEMO_ELF)).digest("hex")]: bytesOf(DEMO_ELF) },
});

export const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
