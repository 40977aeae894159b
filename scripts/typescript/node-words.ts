// For processes that run TypeScript.

/** Words that Node takes before the program, in any folder. */
export const TYPESCRIPT = ["--import", new URL("./register.js", import.meta.url).href] as const;
