/** The page in headless Chromium, as somebody has it who opened a file from disk. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium, type BrowserContextOptions, type Locator, type Page } from "playwright-core";
import * as assert from "uvu/assert";

const CHROMIUM = "/usr/bin/chromium";
const VIEWPORT = { width: 1400, height: 860 };
/** A machine that does much else is slow. */
const LIMIT_MS = 90_000;

/** `foldvm view FILE... --export`: where it is. */
export function exportedPage(recordings: readonly string[], folder: string): string {
  const path = join(folder, "page.html");
  const words = ["bin/foldvm.js", "view", ...recordings, "--export", path];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  assert.is(status, 0, stderr);
  return pathToFileURL(path).href;
}

/** `foldvm serve --live` of a guest, for the length of a piece of work on its page. */
export async function servedLive<T>(words: readonly string[], work: (url: string) => Promise<T>): Promise<T> {
  const server = spawn(process.execPath, ["bin/foldvm.js", "serve", "--live", "--port", "0", ...words], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const over = new Promise((resolve) => server.once("exit", resolve));
  try {
    return await work(await urlIn(server.stderr));
  } finally {
    server.kill("SIGTERM");
    await over;
  }
}

/** Where it says that it is. */
async function urlIn(said: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const piece of said) {
    text += piece.toString();
    const [url] = /http:\/\/\S+/.exec(text) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error(`the server said: ${text}`);
}

export interface Browsing extends BrowserContextOptions {
  /** The work begins when the first moment is there. Default: when all of the run is known. */
  readonly whileSurveyed?: boolean;
  /** Runs in the page before its own scripts. */
  readonly beforehand?: string;
}

/** What the browser complains of meanwhile is a failure. */
export async function inBrowser<T>(
  url: string,
  work: (page: Page) => Promise<T>,
  { whileSurveyed = false, beforehand = "", ...options }: Browsing = {},
): Promise<T> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const context = await browser.newContext({ viewport: VIEWPORT, colorScheme: "light", ...options });
    context.setDefaultTimeout(LIMIT_MS);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", ({ message, stack }) => complaints.push(stack ?? message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    // What came from a disk asks nobody for anything: its worker is made of its own text.
    page.on("request", (request) => {
      const isOwn = request.url() === url.replace(/#.*/, "") || request.url().startsWith("blob:");
      if (url.startsWith("file:") && !isOwn) complaints.push(`it asked for ${request.url()}`);
    });
    await page.addInitScript(beforehand);
    await page.goto(url);
    // A machine that runs is never surveyed to its end.
    if (url.startsWith("file:") && !whileSurveyed) await surveyed(page);
    else await status(page).getByText("instruction").waitFor();
    const done = await work(page);
    assert.equal(complaints, []);
    return done;
  } finally {
    await browser.close();
  }
}

/** The moment is there, and all of the run is known. */
export async function surveyed(page: Page): Promise<void> {
  await page.locator(".status", { hasText: "instruction" }).waitFor();
  await page.locator(".status progress").waitFor({ state: "detached" });
}

/** A row of the terminal, clicked as a mouse does: it has to come there first. */
export async function clickLine(page: Page, text: string): Promise<void> {
  const line = page.locator(".xterm-rows > div", { hasText: text }).first();
  await line.waitFor();
  const box = await line.boundingBox();
  assert.ok(box, `the console has no line with ${text}`);
  await page.mouse.move(box.x + 20, box.y + box.height / 2);
  await page.locator(".xterm-cursor-pointer").waitFor();
  await page.mouse.down();
  await page.mouse.up();
}

export const status = (page: Page): Locator => page.getByRole("contentinfo");

export async function atInstruction(page: Page, icount: string): Promise<void> {
  await status(page).getByText(`instruction ${icount} `).waitFor();
}
