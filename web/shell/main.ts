/** Where the page begins: its recordings, from itself or from the server that it came from, and its worker. */
import { clientOf } from "../client.js";
import { unpacked } from "../packed.js";
import type { Bytes, Source } from "../protocol.js";
import { startPage } from "../ui/page.js";
import { embedded, embeddedText } from "./embedded.js";

/** As an exported page says it: in place of bytes, the element that they are in. */
type Described = JsonOf<Source>;
type JsonOf<T> = T extends Bytes
  ? { readonly element: string } | { readonly url: string }
  : T extends object
    ? { readonly [Member in keyof T]: JsonOf<T[Member]> }
    : T;

async function start(): Promise<void> {
  const root = document.getElementById("page") ?? document.body;
  const described = embeddedText("foldvm-sources") ?? (await servedSources());
  // Named before it is missed somewhere inside.
  if (!("DecompressionStream" in globalThis))
    throw new Error("this browser has no DecompressionStream: Chrome 103, Firefox 113, Safari 16.4 or later have it");
  const worker = new Worker(await workerUrl());
  const sources = (await withBytes(JSON.parse(described) as readonly Described[])) as readonly Source[];
  const client = clientOf(worker, endOf(worker));
  // For whoever asks more than the page does, in the browser's own console.
  Object.assign(globalThis, { foldvm: client });
  await startPage(root, client, sources);
}

/** @throws what is wrong, and what to do */
async function servedSources(): Promise<string> {
  const answer = await fetch("page/sources").catch(() => undefined);
  if (answer === undefined) throw new Error("its server is not there: is foldvm view still running?");
  const text = await answer.text();
  if (!answer.ok) throw new Error(`its server says: ${saidIn(text)}`);
  return text;
}

/** The server's own words, where they are its. */
function saidIn(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === "string" ? detail : text;
  } catch {
    return text;
  }
}

/** A worker that could not be loaded, or threw what nobody caught, answers nobody any more. */
const endOf = (worker: Worker): Promise<string> =>
  new Promise((resolve) =>
    worker.addEventListener("error", ({ message }) => resolve(message || "its code could not be loaded")),
  );

/** A page from disk has no files beside it: its worker is made of its own text. */
async function workerUrl(): Promise<string> {
  const own = await embedded("foldvm-worker");
  return own.size === 0 ? "page/worker.js" : URL.createObjectURL(new Blob([await unpacked(own)]));
}

async function withBytes(described: unknown): Promise<unknown> {
  if (typeof described !== "object" || described === null) return described;
  // The worker is elsewhere, and would look beside itself.
  if ("url" in described) return { url: new URL(String(described.url), document.baseURI).href };
  if ("element" in described) return { packed: await embedded(String(described.element)) };
  const parts: [string, unknown][] = [];
  for (const [name, part] of Object.entries(described)) parts.push([name, await withBytes(part)]);
  return Array.isArray(described) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
}

start().catch((error: unknown) => {
  const what = error instanceof Error ? error.message : String(error);
  const root = document.getElementById("page") ?? document.body;
  root.textContent = `The page could not begin: ${what.replace(/\.$/, "")}. Then load it again.`;
  root.classList.add("opening");
  root.setAttribute("role", "alert");
});
