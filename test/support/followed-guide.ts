/** docs/adding-a-device.md, followed in a copy of the sources: its files and its one line, and no more. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import * as assert from "uvu/assert";

const GUIDE = readFileSync("docs/adding-a-device.md", "utf8");
const LIST = "src/reducers/devices.ts";

/** The snippet of the section whose heading names the file. */
export const snippetFor = (path: string): string => {
  const [, section = ""] = GUIDE.split(`: \`${path}\`\n`);
  const snippet = /```\w+\n(.*?)```/s.exec(section)?.[1];
  assert.ok(snippet, `the guide has a snippet for ${path}`);
  return snippet;
};

/** The list of devices with the guide's row; as it is where the guide was followed already. */
function withRow(list: string): string {
  if (list.includes('from "./button.js"')) return list;
  const grown = list
    .replace(/^import /m, 'import { button } from "./button.js";\nimport ')
    .replace(/^(export const DEVICES = \[\n(?: {2}\w+,\n)*)/m, `$1${snippetFor(LIST)}`);
  assert.is(grown.split("\n").length, list.split("\n").length + 2, "its import and one line");
  return grown;
}

/** The sources with the guide's device. */
export function follow(folder: string): void {
  for (const name of ["src", "types", "scripts/typescript"]) cpSync(name, join(folder, name), { recursive: true });
  for (const name of ["package.json", "tsconfig.json"]) cpSync(name, join(folder, name));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  for (const path of ["src/reducers/button.ts", "src/streams/live/backends/button.ts"]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), snippetFor(path));
  }
  writeFileSync(join(folder, LIST), withRow(readFileSync(LIST, "utf8")));
}
