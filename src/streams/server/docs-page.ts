/** The description of the API as a page to be read: no script, nothing from elsewhere. */
import type { Route } from "./route.js";

export const docsPage = (routes: readonly Route[], names: readonly string[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>foldvm serve</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { margin: 2rem auto; max-width: 56rem; padding: 0 1rem }
  code { font: 0.9em ui-monospace, monospace }
  h2 { margin: 2rem 0 0; font-size: 1.1rem }
  dt { margin-top: 0.5rem }
  dd { margin-left: 1.5rem }
</style>
<h1>foldvm serve</h1>
<p>All is asked with GET. <a href="/openapi.json">/openapi.json</a> says the same for programs.
64-bit values are decimal texts, bytes hexadecimal.</p>
<p>Recordings: ${names.map((name) => `<a href="/recordings/${encodeURIComponent(name)}">${escaped(name)}</a>`).join(", ")}</p>
${routes.map(sectionOf).join("\n")}
</html>
`;

const sectionOf = ({ path, summary, parameters, answers }: Route): string => `<section>
<h2><code>${escaped(path)}</code></h2>
<p>${escaped(summary)} <small>${Object.keys(answers).map(escaped).join(", ")}</small></p>
<dl>
${Object.entries(parameters)
  .map(([name, { description, isNeeded }]) => {
    const needed = isNeeded === true ? " (needed)" : "";
    return `<dt><code>${escaped(name)}</code>${needed}</dt><dd>${escaped(description)}</dd>`;
  })
  .join("\n")}
</dl>
</section>`;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => ESCAPES[letter] ?? letter);
