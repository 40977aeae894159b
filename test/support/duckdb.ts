/** DuckDB, from npm's registry, kept in the cache: another reader of Parquet than the one by whom we write. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { cacheDirectory } from "../../scripts/debian/cache-directory.js";
import { requires, skip } from "./requires.js";

const VERSION = "1.5.6-r.1";

/** Rows as texts: of each row its columns, joined by a bar. */
export type Duckdb = (sql: string) => readonly string[];

/** Answers with a program that asks it. As `requires`: undefined where it can't be had. */
export const requiresDuckdb = (name: string): Duckdb | undefined => {
  if (!requires(name, ["npm"])) return undefined;
  const folder = join(cacheDirectory(), "duckdb", VERSION);
  if (!existsSync(join(folder, "node_modules", "@duckdb", "node-api"))) {
    mkdirSync(folder, { recursive: true });
    const words = ["install", "--prefix", folder, "--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
    try {
      execFileSync("npm", [...words, "--ignore-scripts", `@duckdb/node-api@${VERSION}`], { stdio: "pipe" });
    } catch (fault) {
      skip(name, `npm brings no @duckdb/node-api@${VERSION}: ${String(fault)}`);
      return undefined;
    }
  }
  const entry = createRequire(join(folder, "package.json")).resolve("@duckdb/node-api");
  return (sql) => {
    const answer = execFileSync(process.execPath, ["-e", PROGRAM, entry, sql], { encoding: "utf8" });
    return answer.split("\n").filter((line) => line !== "");
  };
};

/** In a process of its own: it is native code. */
const PROGRAM = `
  const [entry, sql] = process.argv.slice(1);
  const { DuckDBInstance } = require(entry);
  DuckDBInstance.create(":memory:")
    .then((instance) => instance.connect())
    .then((connection) => connection.runAndReadAll(sql))
    .then((answer) => {
      for (const row of answer.getRows()) console.log(row.map(String).join("|"));
    });
`;
