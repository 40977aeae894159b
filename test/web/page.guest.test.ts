// The page as people use it, in Chromium, from the file that `foldvm view --export` makes. Seen red: a first
// moment that could not be gone back to; buttons whose names had not the text that is seen on them (axe); a server that
// did not say where its machine is typed at; of a machine that runs, moments that were asked anew at each growth, and
// never answered.
// test-time-limit-seconds: 900
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { freshSeed, oneOf, seededRandom, type Random } from "../support/seeded-random.js";
import {
  atInstruction,
  clickLine,
  exportedPage,
  inBrowser,
  servedLive,
  status,
  surveyed,
} from "../support/page-browser.js";
import { DEMO_ELF } from "../support/demo-guest.js";
import { requires } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

const test = suite("the page");

const RACE = "logs/race-fails.fold";
const BRANCH = "logs/branch.fold";
/** What opens each, and its name. */
const DIALOGS = [
  ["Keys", "Keys"],
  ["Copy a link", "Link"],
] as const;
const NARROW = { width: 400, height: 800 };
const FINGERS = { viewport: NARROW, hasTouch: true, isMobile: true };
/** Then the page shows a link instead of copying it. */
const NO_CLIPBOARD = `Object.defineProperty(navigator, "clipboard", { value: undefined })`;

/** What axe finds that keeps people out. A mouse hits a word in a line of text; a finger has to, too (WCAG 2.5.8). */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const found: { violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] } =
    await page.evaluate(`axe.run({ rules: { "target-size": { enabled: matchMedia("(pointer: coarse)").matches } } })`);
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
}

if (requires("the page", ["chromium"])) {
  test("given the demo's race, when somebody clicks from FAIL on, then he is at the store that lost the letter", async () => {
    await withTemporaryFolder(async (folder) => {
      await inBrowser(exportedPage([RACE], folder), async (page) => {
        await clickLine(page, "FAIL: 24 bytes received, 23 delivered");
        await atInstruction(page, "12,070,681");
        await page.getByRole("button", { name: /race_run/ }).click();
        // s6 points at the ring, whose first word counts the letters in it.
        await page.getByRole("row", { name: /^s6 / }).getByRole("button", { name: "Memory at 0x80002ed8" }).click();
        await page.getByTitle("Who wrote 0x80002ed8?").click();
        await page.getByRole("button", { name: /who wrote 0x80002ed8:1\? \d+$/ }).waitFor();
        await page
          .getByRole("row", { name: /8,400,291 link_read/ })
          .getByRole("button")
          .click();
        await atInstruction(page, "8,400,291");
        assert.match(await page.locator(".code .here").innerText(), /800012a0\s.*sw s1, 0\(s0\)/s);
        await page.getByRole("tab", { name: "variables" }).click();
        await page.getByRole("button", { name: "Where does link.count come from?" }).click();
        await page.getByRole("row", { name: /8,400,097 link\.count = 0x1.*link_receive/ }).waitFor();
        // One instruction later the count that the interrupt had raised is gone.
        await page.getByRole("heading", { name: "Code" }).click();
        await page.keyboard.press("ArrowRight");
        await atInstruction(page, "8,400,292");
        await page.getByRole("row", { name: /link\.count 0 changed/ }).waitFor();
      });
    });
  });

  test("given a moment with a view of it, when its link is opened, then all is there; and back and forward go on", async () => {
    await withTemporaryFolder(async (folder) => {
      const url = exportedPage([RACE, BRANCH], folder);
      const moment = "recording=2&at=34:8400000&view=8300000-8500000&tab=memory&memory=link.count";
      await inBrowser(`${url}#${moment}`, async (page) => {
        await atInstruction(page, "8,400,000");
        await status(page).getByText("event 34").waitFor();
        assert.is(await page.getByRole("tab", { name: "memory" }).getAttribute("aria-selected"), "true");
        assert.is(await page.getByLabel("Address, name or expression").inputValue(), "link.count");
        await page.getByRole("button", { name: "Forward one event" }).click();
        await status(page).getByText("event 35").waitFor();
        await page.waitForURL(/at=35:/);
        await page.goBack();
        await atInstruction(page, "8,400,000");
        assert.is(page.url().split("#")[1], moment);
        await page.goForward();
        await status(page).getByText("event 35").waitFor();
      });
    });
  });

  test("given a page for eyes that need contrast, a keyboard or a reader, when axe looks, then nothing serious is found", async () => {
    await withTemporaryFolder(async (folder) => {
      const url = exportedPage([RACE, BRANCH], folder);
      for (const options of [{}, { colorScheme: "dark" as const }, FINGERS])
        await inBrowser(
          `${url}#at=35:8400291`,
          async (page) => {
            for (const tab of ["rows", "memory", "variables"])
              assert.equal([tab, await openedTab(page, tab)], [tab, []]);
            await page.getByLabel("Of what").fill("link.count");
            await page.getByRole("button", { name: "Ask", exact: true }).click();
            await page.getByRole("button", { name: /writes of link.count \d+$/ }).waitFor();
            for (const [button, name] of DIALOGS) {
              await page.getByRole("button", { name: button }).click();
              const dialog = page.getByRole("dialog", { name });
              await dialog.waitFor();
              assert.equal([name, await faults(page)], [name, []]);
              await dialog.getByRole("button", { name: "Close" }).click();
              await dialog.waitFor({ state: "hidden" });
            }
            await page.getByLabel("Instruction, time as").fill("nowhere at all");
            await page.keyboard.press("Enter");
            await page.getByRole("alert").waitFor();
            assert.equal(await faults(page), []);
          },
          { ...options, bypassCSP: true, beforehand: NO_CLIPBOARD },
        );
    });
  });

  test("given fingers, when they tap, drag and spread on the timeline, then the cursor, the view and its width follow", async () => {
    await withTemporaryFolder(async (folder) => {
      await inBrowser(
        exportedPage([RACE], folder),
        async (page) => {
          const canvas = page.locator("canvas").first();
          const { x, y, width } = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0 };
          const lane = y + 80;
          const middle = x + width / 2;
          const fingers = await touching(page);
          await page.touchscreen.tap(middle, lane);
          await page.waitForURL(/at=/);
          await fingers.move([middle - 20, middle + 20], [middle - 90, middle + 90], lane);
          await page.waitForURL(/view=/);
          const wide = viewIn(page);
          await fingers.move([middle], [middle + 60], lane);
          await page.waitForURL((url) => !url.href.includes(`view=${wide.text}`));
          const moved = viewIn(page);
          assert.ok(moved.from < wide.from && moved.until < wide.until, `${wide.text} became ${moved.text}`);
          assert.ok(Math.abs(moved.until - moved.from - (wide.until - wide.from)) <= 2, "a drag is no zoom");
        },
        FINGERS,
      );
    });
  });

  test("given somebody who plays with it, when 1,000 clicks, drags, turns of the wheel and keys are done, then it says no error and still answers", async () => {
    const seed = freshSeed();
    const random = seededRandom(seed);
    const done: string[] = [];
    try {
      await withTemporaryFolder(async (folder) => {
        await inBrowser(exportedPage([RACE, BRANCH], folder), async (page) => {
          for (let index = 0; index < 1000; index += 1) done.push(await anything(page, random));
          await page.keyboard.press("Escape");
          await page.keyboard.press("Escape");
          await page.getByRole("heading", { name: "Code" }).click();
          await page.keyboard.press("Home");
          await atInstruction(page, "0");
          await surveyed(page);
        });
      });
    } catch (error) {
      throw new Error(`FOLDVM_SEED=${String(seed)}, after ${done.slice(-8).join("; ")}: ${String(error)}`, {
        cause: error,
      });
    }
  });

  test("given a machine that runs, when somebody types at it and goes back, then it hears him, and waits for nobody", async () => {
    await servedLive(["--bios", "none", "--memory", "4M", "--kernel", DEMO_ELF], async (url) => {
      await inBrowser(url, async (page) => {
        await page.locator(".xterm-rows", { hasText: "demo> " }).waitFor();
        await page.locator(".xterm-helper-textarea").focus();
        assert.ok(await hasCursor(page));
        await page.keyboard.type("crc\n", { delay: 20 });
        await page.locator(".xterm-rows", { hasText: /demo> crc.*demo>/s }).waitFor();
        const left = eventIn(await status(page).innerText());
        await page.getByRole("button", { name: "Back one event" }).click();
        const follow = page.getByRole("button", { name: /Follow the machine/ });
        await page.waitForURL(/at=/);
        assert.ok(eventIn(await status(page).innerText()) >= left - 1, "it is one back from where the machine was");
        assert.is(await follow.getAttribute("aria-pressed"), "false");
        assert.not(await hasCursor(page), "nobody types into the past");
        const [was = ""] = /instruction [\d,]+/.exec(await status(page).innerText()) ?? [];
        await follow.click();
        await status(page).filter({ hasNotText: was }).waitFor();
      });
    });
  });

  test("given a guest that prints and names HTML, when it is shown, then it is text", async () => {
    await withTemporaryFolder(async (folder) => {
      await inBrowser(`${exportedPage([RACE], folder)}#memory=<img src=x onerror=alert(1)>`, async (page) => {
        await page.getByLabel("Of what").fill("<img src=x onerror=alert(1)>");
        await page.getByRole("button", { name: "Ask", exact: true }).click();
        await page.getByRole("button", { name: "writes of <img src=x onerror=alert(1)> !" }).waitFor();
        assert.is(await page.locator("img").count(), 0);
      });
    });
  });
}

/** Whether one differs from what is behind it, at a console that has the keys. */
async function hasCursor(page: Page): Promise<boolean> {
  await page.locator(".xterm-helper-textarea").focus();
  return page.locator(".xterm").evaluate((terminal) => {
    const colour = (selector: string): string =>
      getComputedStyle(terminal.querySelector(selector) ?? terminal).backgroundColor;
    return colour(".xterm-cursor") !== colour(".xterm-viewport");
  });
}

const viewIn = (page: Page): { readonly text: string; readonly from: number; readonly until: number } => {
  const [, text = "", from, until] = /view=((\d+)-(\d+))/.exec(page.url()) ?? [];
  return { text, from: Number(from), until: Number(until) };
};

/** Fingers that come down beside each other, move, and are lifted. */
async function touching(page: Page): Promise<{
  move(from: readonly number[], to: readonly number[], y: number): Promise<void>;
}> {
  const session = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", xs: readonly number[], y: number) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: xs.map((x, id) => ({ x, y, id })) });
  return {
    async move(from, to, y) {
      await touch("touchStart", from, y);
      for (let step = 1; step <= 10; step += 1)
        await touch("touchMove", [...from.map((x, at) => x + (((to[at] ?? x) - x) * step) / 10)], y);
      await touch("touchEnd", [], y);
    },
  };
}

const eventIn = (text: string): number => Number(/event ([\d,]+)/.exec(text)?.[1]?.replaceAll(",", ""));

async function openedTab(page: Page, name: string): Promise<string[]> {
  await page.getByRole("tab", { name }).click();
  await page.waitForTimeout(400);
  return faults(page);
}

const KEYS = [
  ..."ArrowLeft ArrowRight Home End + - a d 0 x . , 1 2 3 4 5 6 7 t e E o O".split(" "),
  ..."n N s c Escape ? Escape Tab Enter g Escape /".split(" "),
];

/** A click, a drag, a turn of the wheel or a key: what it was. */
async function anything(page: Page, random: Random): Promise<string> {
  const [x, y] = [random(1400), random(860)];
  switch (random(5)) {
    case 0:
    case 1:
      await page.mouse.click(x, y);
      return `click ${String(x)},${String(y)}`;
    case 2: {
      const [toX, toY] = [random(1400), random(860)];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(toX, toY, { steps: 3 });
      await page.mouse.up();
      return `drag ${String(x)},${String(y)} to ${String(toX)},${String(toY)}`;
    }
    case 3:
      await page.mouse.move(x, y);
      await page.mouse.wheel(random(200) - 100, random(1200) - 600);
      return `wheel at ${String(x)},${String(y)}`;
    default: {
      const key = oneOf(random, KEYS);
      await page.keyboard.press(key);
      return `key ${key}`;
    }
  }
}

test.run();
