/** The SQL of docs/duckdb.md is what DuckDB takes, and its answers have the columns that the page shows. */
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { foldvm } from "../cli/command-line.js";
import { requiresDuckdb } from "../support/duckdb.js";
import { pageAt } from "../support/pages.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";

/** The page asks a boot of Debian, which is no part of the repository. The demo has traps, calls and writes too. */
const RECORDING = "logs/race-fails.fold";
const ASKED_INSTEAD: Readonly<Record<string, string>> = { vfs_read: "link_read", jiffies_64: "link.head" };

const duckdb = requiresDuckdb("DuckDB takes the SQL of docs/duckdb.md");

if (duckdb !== undefined)
  test("given docs/duckdb.md, when its questions are asked of the demo, then its SQL answers with the page's columns", () =>
    withTemporaryFolder(async (folder) => {
      const { text } = pageAt("docs/duckdb.md");
      const commands = [...text.matchAll(/^ {4}foldvm query boot\.fold (.*) --symbols vmlinux --parquet (\S+)$/gm)];
      assert.is(commands.length, 3);
      for (const [, words = "", file = ""] of commands) {
        const asked = words.split(" ").map((word) => ASKED_INSTEAD[word] ?? word);
        const { code, stderr } = await foldvm(["query", RECORDING, ...asked, "--parquet", join(folder, file)]);
        assert.is(code, 0, stderr);
      }
      const shown = [...text.matchAll(/^```sql\n([^`]*);\n```\n\n(\|.*)$/gm)];
      assert.is(shown.length, 4);
      for (const [, sql = "", header = ""] of shown) {
        const placed = sql.replace(/'(\w+\.parquet)'/g, (_all, file: string) => `'${join(folder, file)}'`);
        const columns = duckdb(`select column_name from (describe ${placed})`);
        assert.equal(
          columns,
          header
            .split("|")
            .slice(1, -1)
            .map((name) => name.trim()),
        );
        duckdb(placed);
      }
    }));

test.run();
