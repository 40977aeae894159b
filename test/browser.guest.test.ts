// The machine in a browser: from the packed package, in a worker of headless Chromium, it goes through the very states
// it has in Node. Seen red: with Immer's look at process.env left in the bundle, the worker ended with a
// ReferenceError.
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { packAndInstall } from "../scripts/pack.js";
import { DEMO_ELF } from "./support/demo-guest.js";
import { runEmbedded } from "./support/embedded-run.js";
import { requires } from "./support/requires.js";

const test = suite("the machine in a browser");

const CHROMIUM_FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split(
    " ",
  );
const BROWSER_LIMIT_MS = 300_000;

const PAGE = `<!doctype html><title>foldvm</title><script type="module">
const worker = new Worker("/worker.js", { type: "module" });
const report = (result) => fetch("/result", { method: "POST", body: JSON.stringify(result) });
worker.onmessage = ({ data }) => report(data);
worker.onerror = ({ message }) => report({ failure: message });
</script>`;

const WORKER = `import * as foldvm from "/foldvm/browser/machine.js";
import { runEmbedded } from "/embedded-run.js";
const kernel = new Uint8Array(await (await fetch("/demo.elf")).arrayBuffer());
try {
  postMessage({ ...runEmbedded(foldvm, kernel), isShared: typeof SharedArrayBuffer !== "undefined", agent: navigator.userAgent });
} catch (error) {
  postMessage({ failure: String(error.stack ?? error) });
}`;

interface BrowserResult extends Partial<NonNullable<ReturnType<typeof runEmbedded>>> {
  readonly failure?: string;
  readonly isShared?: boolean;
  readonly agent?: string;
}

/** Serves the page on loopback and answers what it reports. */
async function inBrowser(files: ReadonlyMap<string, Uint8Array | string>, profile: string): Promise<BrowserResult> {
  let server: Server | undefined;
  let browser: ChildProcess | undefined;
  let complaints = "";
  try {
    return await new Promise<BrowserResult>((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error(`the browser reported nothing; it said: ${complaints}`));
      }, BROWSER_LIMIT_MS);
      limit.unref();
      server = createServer((request, response) => {
        const path = request.url ?? "";
        if (path === "/result") {
          let body = "";
          request.setEncoding("utf8").on("data", (text: string) => (body += text));
          request.on("end", () => {
            response.end();
            resolve(JSON.parse(body) as BrowserResult);
          });
          return;
        }
        const content = files.get(path);
        const type = path.endsWith(".js") ? "text/javascript" : path === "/" ? "text/html" : "application/octet-stream";
        response.writeHead(content === undefined ? 404 : 200, { "content-type": type }).end(content);
      });
      server.listen(0, "127.0.0.1", () => {
        const { port } = (server as Server).address() as AddressInfo;
        const words = [...CHROMIUM_FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${String(port)}/`];
        browser = spawn("chromium", words, { stdio: ["ignore", "ignore", "pipe"], detached: true });
        browser.stderr?.setEncoding("utf8").on("data", (text: string) => (complaints += text));
        browser.on("error", reject);
        browser.on("exit", (code) => {
          reject(new Error(`chromium ended with ${String(code)} before it reported: ${complaints}`));
        });
      });
    });
  } finally {
    server?.closeAllConnections();
    server?.close();
    browser?.removeAllListeners("exit");
    const gone = new Promise((resolve) => browser?.once("exit", resolve) ?? resolve(undefined));
    // With its helpers, which are in its process group.
    if (browser?.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, "SIGKILL");
    if (browser?.exitCode === null) await gone;
  }
}

if (requires("the machine in a browser", ["chromium", "npm"])) {
  test("given the packed package, when Chromium runs the embedded guest in a worker, then its state hashes are Node's", async () => {
    const folder = await mkdtemp(join(tmpdir(), "foldvm-browser-"));
    try {
      const { project } = await packAndInstall(folder);
      const dist = join(project, "node_modules/foldvm/dist");
      const kernel = readFileSync(DEMO_ELF);
      const library = (await import(
        pathToFileURL(join(dist, "machine/index.js")).href
      )) as typeof import("../src/machine/index.js");
      const inNode = runEmbedded(library, kernel);
      assert.ok(inNode);
      assert.match(inNode.printed, /demo> /);
      assert.ok(inNode.regions > inNode.icount / 4, "too little of it is compiled to prove much");
      const files = new Map<string, Uint8Array | string>([
        ["/", PAGE],
        ["/worker.js", WORKER],
        ["/embedded-run.js", readFileSync("test/support/embedded-run.js")],
        ["/foldvm/browser/machine.js", readFileSync(join(dist, "browser/machine.js"))],
        ["/demo.elf", kernel],
      ]);
      const { failure, agent, isShared, ...result } = await inBrowser(files, join(folder, "profile"));
      assert.is(failure, undefined);
      assert.match(agent ?? "", /Chrome\//);
      assert.is(isShared, false, "the page is not isolated, so the machine did without SharedArrayBuffer");
      assert.equal(result, inNode);
      assert.is(new Set(inNode.hashes).size, inNode.hashes.length);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

test.run();
