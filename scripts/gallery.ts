// `npm run gallery`: pages of our own recordings, which anybody opens from a disk or a static host, an index of them in
// gallery/, and their pictures in docs/pictures. U-Boot is recorded where Debian's packages are; a boot of Debian is
// taken as it is: npm run gallery -- boot.fold
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { chromium, type Page } from "playwright-core";

const FOLDER = "gallery";
const PICTURES = "docs/pictures";
const CHROMIUM = "/usr/bin/chromium";
const SIZE = { width: 1280, height: 760 };
const QUALITY = 0.9;
const LIMIT_MS = 300_000;
/** A page of documentation loads with its pictures. */
const MAX_PICTURE_BYTES = 150_000;

const OPENSBI = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf";
const U_BOOT = "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf";
const U_BOOT_SCRIPT = `wait "autoboot"
type " "
wait "=> "
type "version\\n"
wait "=> "
type "bdinfo\\n"
wait "=> "
type "poweroff\\n"
`;

interface Exhibit {
  readonly name: string;
  readonly title: string;
  readonly says: string;
  readonly recordings: readonly string[];
  /** The moment, as an address has it. */
  readonly moment: string;
  readonly scheme: "light" | "dark";
  /** What somebody does before the picture is taken. */
  readonly does: (page: Page) => Promise<void>;
}

function foldvm(...words: readonly string[]): void {
  const { status } = spawnSync(process.execPath, ["bin/foldvm.js", ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`foldvm ${words.join(" ")} ended with ${String(status)}`);
}

const RACE: Exhibit = {
  ...{ name: "race", title: "The demo's race", scheme: "light" },
  says: "A letter is lost, and the branch beside it, where it came later. The store that lost it is under the cursor.",
  recordings: ["logs/race-fails.fold", "logs/branch.fold"],
  moment: "at=35:8400291&tab=variables",
  async does(page) {
    await page.getByRole("button", { name: "Lanes of branch.fold" }).click();
    await page.getByRole("button", { name: "Who wrote link.head?" }).click();
    await page.getByRole("button", { name: /who wrote link.head\? \d+$/ }).waitFor();
    await page.getByRole("button", { name: "Where does link.count come from?" }).click();
    await page.getByRole("row", { name: /link\.count = 0x1/ }).waitFor();
  },
};

function uBoot(): Exhibit | undefined {
  if (!existsSync(OPENSBI) || !existsSync(U_BOOT)) return undefined;
  const [recording, script] = [join(FOLDER, "u-boot.fold"), join(FOLDER, "u-boot.script")];
  writeFileSync(script, U_BOOT_SCRIPT);
  const machine = ["--memory", "64M", "--bios", OPENSBI, "--kernel", U_BOOT];
  if (!existsSync(recording)) foldvm("record", "-o", recording, ...machine, "--script", script);
  return {
    ...{ name: "u-boot", title: "U-Boot", scheme: "light", moment: "tab=devices" },
    says: "Debian's U-Boot over OpenSBI: its version, its board, and off.",
    recordings: [recording],
    does: () => Promise.resolve(),
  };
}

const debian = (recording: string): Exhibit => ({
  ...{ name: "debian", title: "Debian boots", scheme: "dark", moment: "tab=registers" },
  says: "From the firmware's first instruction to a shell and off: a billion instructions.",
  recordings: [recording],
  async does(page) {
    await page.locator(".xterm-rows > div", { hasText: /\S/ }).first().waitFor();
    await page.locator(".stack li").nth(2).waitFor();
  },
});

async function show({ name, recordings, moment, scheme, does }: Exhibit): Promise<void> {
  const path = join(FOLDER, `${name}.html`);
  foldvm("view", ...recordings, "--export", path, "--force");
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: scheme });
    page.setDefaultTimeout(LIMIT_MS);
    await page.goto(`${pathToFileURL(path).href}#${moment}`);
    await page.locator(".status", { hasText: "instruction" }).waitFor();
    await page.locator(".status progress").waitFor({ state: "detached" });
    await does(page);
    // What the last click asked of the worker is drawn.
    await page.waitForTimeout(1500);
    const picture = join(PICTURES, `page-${name}.webp`);
    writeFileSync(picture, await smaller(await browser.newPage(), await page.screenshot()));
    const { size } = statSync(picture);
    if (size > MAX_PICTURE_BYTES)
      process.stderr.write(`${picture} has ${String(size)} bytes: more than a page should load\n`);
  } finally {
    await browser.close();
  }
  process.stdout.write(`${path}\n`);
}

/** As WebP, of which the browser writes a third of what a PNG takes. */
async function smaller(page: Page, png: Buffer): Promise<Buffer> {
  const url: string = await page.evaluate(`(async () => {
    const picture = new Image();
    picture.src = "data:image/png;base64,${png.toString("base64")}";
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    canvas.getContext("2d").drawImage(picture, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/webp", quality: ${String(QUALITY)} });
    const reader = new FileReader();
    const read = new Promise((done) => (reader.onload = () => done(reader.result)));
    reader.readAsDataURL(blob);
    return read;
  })()`);
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

const indexOf = (exhibits: readonly Exhibit[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>foldvm: recordings to look at</title>
<style>body { font: 15px/1.5 system-ui; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark }
img { border: 1px solid #8884; width: 100% }</style>
<h1>Recordings to look at</h1>
${exhibits
  .map(
    ({ name, title, says }) => `<h2><a href="${name}.html">${title}</a></h2><p>${says}</p>
<a href="${name}.html"><img src="../${PICTURES}/page-${name}.webp" alt="${title}, on the page"></a>`,
  )
  .join("\n")}
</html>
`;

mkdirSync(FOLDER, { recursive: true });
const [recording] = process.argv.slice(2);
const exhibits = [RACE, uBoot(), recording === undefined ? undefined : debian(recording)].filter(
  (exhibit) => exhibit !== undefined,
);
for (const exhibit of exhibits) await show(exhibit);
writeFileSync(join(FOLDER, "index.html"), indexOf(exhibits));
process.stdout.write(`${join(FOLDER, "index.html")}\n`);
