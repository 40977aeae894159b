/** Runs what a page shows, its commands and then its snippets, and holds what they print and draw against it. */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as assert from "uvu/assert";

import { commandsOf, inFolderLikeTheRoot, printedBy, printedByProgram, programOf, shows } from "./documented.js";
import { every, PICTURES, type Page } from "./pages.js";

/** Pages whose snippets are one program. */
const PROGRAMS = ["docs/exports.md", "docs/hunting.md", "docs/library.md", "docs/streams.md"];

export const hasToRun = ({ path, text }: Page): boolean => commandsOf(text).length > 0 || PROGRAMS.includes(path);

export async function runPage(page: Page): Promise<void> {
  const { path, text } = page;
  await inFolderLikeTheRoot(async (folder) => {
    for (const command of commandsOf(text)) {
      const printed = await printedBy(command, folder);
      if (!shows(command.output, printed)) assert.fixture(printed, command.output, command.line);
    }
    const program = PROGRAMS.includes(path) ? programOf(text) : undefined;
    if (program !== undefined) assert.fixture(await printedByProgram(program.code, folder), program.output);
    for (const name of every(page, /\((?:docs\/)?pictures\/([^)]+\.svg)\)/g)) {
      if (process.env["FOLDVM_PICTURES"] === "draw") copyFileSync(join(folder, name), join(PICTURES, name));
      assert.fixture(readFileSync(join(folder, name), "utf8"), readFileSync(join(PICTURES, name), "utf8"), name);
    }
  });
}
