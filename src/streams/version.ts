/** The version of this package. */
import { readFileSync } from "node:fs";

export const version = (): string => {
  // Two levels up from dist/streams as well as from src/streams.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
};
