// DuckDB reads what `foldvm query --parquet` writes, with the types that the columns say, and counts as the rows do.
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../../src/streams/session/open-recording.js";
import { traps } from "../../../src/streams/past/query/index.js";
import { foldvm } from "../../cli/command-line.js";
import { requiresDuckdb } from "../../support/duckdb.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const duckdb = requiresDuckdb("DuckDB reads Parquet files of rows");

if (duckdb !== undefined) {
  test("given the traps of a recording in a file, when DuckDB counts them by kind, then it counts as the rows do", () =>
    withTemporaryFolder(async (folder) => {
      const file = join(folder, "traps.parquet");
      const { code, stderr } = await foldvm(["query", "logs/session.fold", "traps", "--parquet", file]);
      assert.is(code, 0, stderr);
      const rows = traps(openRecording("logs/session.fold")).toArray();
      const counted = duckdb(`select cause, count(*), max(pc), sum(len(args)) from '${file}' group by 1 order by 1`);
      const kinds = [...new Set(rows.map(({ cause }) => cause))].sort();
      const expected = kinds.map((kind) => {
        const some = rows.filter(({ cause }) => cause === kind);
        const highest = some.reduce((most, { pc }) => (pc > most ? pc : most), 0n);
        return `${kind}|${String(some.length)}|${String(highest)}|${String(8 * some.length)}`;
      });
      assert.equal(counted, expected);
      const types = duckdb(`select column_name, column_type from (describe select * from '${file}')`);
      assert.equal(types, [
        ...["seq|BIGINT", "icount|BIGINT", "ns|BIGINT", "hart|INTEGER", "pc|UBIGINT", "function|VARCHAR"],
        ...["line|VARCHAR", "cause|VARCHAR", "isInterrupt|BOOLEAN", "trapValue|UBIGINT", "args|UBIGINT[]"],
        "returned|JSON",
      ]);
    }));
}

test.run();
