// Rows of a lane, as the timeline asks for them. Seen red: what is computed of a machine that runs, begun anew at each
// growth and never there; lines of a console that stayed those which were known when the page was opened.
import { suite } from "uvu";
import * as assert from "uvu/assert";

import type { PageRow } from "../../web/protocol.js";
import type { Asker } from "../../web/ui/work/asker.js";
import { rowsOfLanes, type RowsOfLanes } from "../../web/ui/work/lane-rows.js";

const test = suite("rows of lanes");

interface Asked {
  readonly until: number;
  readonly tell: (rows: readonly PageRow[]) => void;
}

/** A worker whose answers the test gives. */
function asking(): { readonly lanes: RowsOfLanes; readonly next: () => Promise<Asked>; readonly ended: string[] } {
  const asked: Asked[] = [];
  const ended: string[] = [];
  let heard: () => void = () => undefined;
  const asker = {
    ask: (
      _slot: string,
      _name: string,
      ask: { window: { until: number } },
      { part }: { part: (rows: unknown) => void },
    ) =>
      new Promise((resolve) => {
        const tell = (rows: readonly PageRow[]): void => {
          part(rows);
          resolve({ rows: rows.length, hasMore: false });
        };
        asked.push({ until: ask.window.until, tell });
        heard();
      }),
    end: (slot: string) => ended.push(slot),
  } as unknown as Asker;
  const next = async (): Promise<Asked> => {
    if (asked.length === 0) await new Promise<void>((resolve) => (heard = resolve));
    return asked.shift()!;
  };
  return { lanes: rowsOfLanes(asker, () => undefined), next, ended };
}

const row = (icount: number): PageRow => ({ icount, name: "x" }) as Partial<PageRow> as PageRow;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("given a run that grows, when a lane of it is computed, then that is not begun anew, and then goes on", async () => {
  const { lanes, next, ended } = asking();
  const lane = (until: number) => lanes.rows(0, "interrupts", "icount", { from: 0, until });
  lane(100);
  const first = await next();
  lanes.refresh(0);
  ended.length = 0;
  assert.is(lane(120).status, "running");
  assert.equal(ended, []);
  first.tell([row(5)]);
  await settled();
  assert.equal([lane(130).rows.length, (await next()).until], [1, 130]);
});

test("given rows that are there, when more may be known, then they stay until others come", async () => {
  const { lanes, next } = asking();
  const lane = () => lanes.rows(0, "output", "icount", { from: 0, until: 100 });
  lane();
  (await next()).tell([row(1)]);
  await settled();
  lanes.refresh(0, "interrupts");
  assert.is(lane().status, "done");
  lanes.refresh(0, "output");
  assert.equal([lane().status, lane().rows.length], ["waiting", 1]);
  (await next()).tell([row(1), row(2)]);
  await settled();
  assert.equal([lane().status, lane().rows.length], ["done", 2]);
});

test("given a lane that is computed, when it is closed, then it is ended, and what comes late is not shown", async () => {
  const { lanes, next, ended } = asking();
  const window = { from: 0, until: 100 };
  lanes.rows(0, "interrupts", "icount", window);
  const late = await next();
  ended.length = 0;
  lanes.close(0, "interrupts");
  assert.equal(ended, ["lane interrupts 0"]);
  late.tell([row(5)]);
  await settled();
  assert.equal(lanes.known(0, "interrupts"), []);
  // Opened again it is computed anew.
  assert.is(lanes.rows(0, "interrupts", "icount", window).status, "waiting");
  (await next()).tell([row(6)]);
  await settled();
  assert.equal(lanes.known(0, "interrupts"), [row(6)]);
});

test("given a lane that waits until the view stands still, when it is closed, then it is never asked for", async () => {
  const { lanes, next } = asking();
  lanes.rows(0, "interrupts", "icount", { from: 0, until: 100 });
  lanes.close(0, "interrupts");
  lanes.rows(0, "output", "icount", { from: 0, until: 7 });
  assert.is((await next()).until, 7);
});

test.run();
