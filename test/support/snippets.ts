import { readFileSync } from "node:fs";

/** The TypeScript that a page shows, a piece a snippet. */
export const snippetsOf = (page: string): string[] =>
  [...readFileSync(page, "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
