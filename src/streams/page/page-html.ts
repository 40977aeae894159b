/** The page as HTML: with all that is in it, or with files beside it. */
import { createHash } from "node:crypto";

import { pageFile } from "./page-bundle.js";

/** An element that is no script of the page's, though it says so: what is in it is read, and never run. */
export interface PageElement {
  readonly id: string;
  /** Base64, or JSON. Neither may end the element: see `jsonText`. */
  readonly text: string;
}

/** Piece by piece: a page is as large as what is in it. */
export function* wholePage(title: string, elements: Iterable<PageElement>): Generator<string> {
  const script = scriptText(pageFile("page.js"));
  const style = pageFile("style.css").replace(/<\/style/gi, "<\\/style");
  const policy = [
    "default-src 'none'",
    `script-src '${digestOf(script)}' 'wasm-unsafe-eval'`,
    // The terminal places its letters by styles of its own.
    "style-src 'unsafe-inline'",
    "worker-src blob:",
    "img-src data: blob:",
  ];
  yield beginning(title, policy, `<style>${style}</style>`);
  for (const { id, text } of elements) yield `<script type="text/plain" id="${id}">${text}</script>\n`;
  yield `<script>${script}</script>\n</body>\n</html>\n`;
}

/** With its files below `page/`. */
export const servedPage = (title: string): string =>
  beginning(title, [], '<link rel="stylesheet" href="page/style.css">') +
  '<script src="page/page.js"></script>\n</body>\n</html>\n';

/** For the header of a page that comes from a server. */
export const SERVED_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src data: blob:",
  // Nobody clicks here in another's page.
  "frame-ancestors 'none'",
].join("; ");

/** No `<` is left in it, which could end the element. */
export const jsonText = (value: unknown): string => JSON.stringify(value).replace(/</g, "\\u003c");

const beginning = (title: string, policy: readonly string[], style: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${policy.length === 0 ? "" : `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">\n`}\
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${htmlText(title)}</title>
${style}
</head>
<body>
<div id="page"><p class="opening">Opening ${htmlText(title)} …</p></div>
<noscript>This page replays a recording, and needs JavaScript for it.</noscript>
`;

/** In a string or a pattern it means the same; elsewhere neither can stand. */
const scriptText = (script: string): string => script.replace(/<\/script/gi, "<\\/script").replace(/<!--/g, "<\\!--");

const digestOf = (script: string): string => `sha256-${createHash("sha256").update(script).digest("base64")}`;

const htmlText = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${String(letter.codePointAt(0))};`);
