/** Rows of the window in view, for lanes that have a name on each: asked for once the view stands still. */
import type { Axis, PageRow, RowKind } from "../../protocol.js";
import { spanOf, type Window } from "../model/scale.js";
import type { Asker } from "./asker.js";

const STILL_MS = 120;
export const MAX_LANE_ROWS = 2000;
/** Instructions; a longer replay is not started by a look. */
const MAX_REPLAY = 200_000_000;

export interface LaneRows {
  readonly window: Window;
  readonly rows: readonly PageRow[];
  readonly status: "waiting" | "running" | "done" | "more" | "failed" | "too long";
  readonly share: number;
  readonly failure: string | undefined;
}

export interface RowsOfLanes {
  /** What is there; where the window is another, it is asked for, and what was asked before ends. */
  readonly rows: (recording: number, kind: RowKind, axis: Axis, window: Window) => LaneRows;
  /** What is there, and nothing is asked. */
  readonly known: (recording: number, kind: RowKind) => readonly PageRow[];
  /** Nobody looks at it any more. */
  readonly close: (recording: number, kind: RowKind) => void;
  /** There may be more than when they were asked for, of that kind or of all: they are drawn until others come. */
  readonly refresh: (recording: number, kind?: RowKind) => void;
}

interface Kept extends LaneRows {
  readonly axis: Axis;
  readonly isStale: boolean;
}

export function rowsOfLanes(asker: Asker, came: () => void): RowsOfLanes {
  const lanes = new Map<string, Kept>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const start = async (recording: number, kind: RowKind, axis: Axis, window: Window, key: string): Promise<void> => {
    const change = (changed: Partial<Kept>): void => {
      const lane = lanes.get(key);
      if (lane?.window === window) lanes.set(key, { ...lane, ...changed });
      came();
    };
    const rows: PageRow[] = [];
    change({ status: "running", isStale: false });
    const part = (more: readonly PageRow[]): void => {
      rows.push(...more);
      change({ rows });
    };
    const progress = ({ done, total }: { done: number; total: number }): void =>
      change({ share: done / Math.max(1, total) });
    try {
      const ask = { recording, kind, window: { axis, ...whole(window) }, limit: MAX_LANE_ROWS };
      const end = await asker.ask(key, "rows", ask, { part, progress });
      if (end !== undefined) change({ rows, status: end.hasMore ? "more" : "done" });
    } catch (error) {
      change({ status: "failed", failure: error instanceof Error ? error.message : String(error) });
    }
  };
  return {
    rows(recording, kind, axis, window) {
      const key = keyOf(recording, kind);
      const known = lanes.get(key);
      if (known !== undefined && known.axis === axis && (isIn(window, known) || isGrowing(window, known))) return known;
      clearTimeout(timers.get(key));
      asker.end(key);
      const isLong = kind !== "events" && kind !== "output" && spanOf(window) > MAX_REPLAY;
      const lane: Kept = {
        ...{ axis, window, rows: known?.axis === axis ? known.rows : [], share: 0, failure: undefined },
        isStale: false,
        status: isLong ? "too long" : "waiting",
      };
      lanes.set(key, lane);
      if (!isLong)
        timers.set(
          key,
          setTimeout(() => void start(recording, kind, axis, window, key), STILL_MS),
        );
      return lane;
    },
    known: (recording, kind) => lanes.get(keyOf(recording, kind))?.rows ?? [],
    close(recording, kind) {
      const key = keyOf(recording, kind);
      clearTimeout(timers.get(key));
      asker.end(key);
      lanes.delete(key);
    },
    refresh(recording, kind) {
      for (const [key, lane] of lanes)
        if (kind === undefined ? key.endsWith(` ${String(recording)}`) : key === keyOf(recording, kind))
          lanes.set(key, { ...lane, isStale: true });
    },
  };
}

/** What is computed while a run grows is not begun anew each time: it would never end. */
const isGrowing = (window: Window, { window: known, status }: Kept): boolean =>
  (status === "waiting" || status === "running") && window.from === known.from && window.until >= known.until;

/** All rows of a wider window are all of a narrower one, unless some were cut off. */
function isIn(window: Window, { window: known, status, isStale }: Kept): boolean {
  if (isStale) return false;
  if (window.from === known.from && window.until === known.until) return true;
  return status === "done" && window.from >= known.from && window.until <= known.until;
}

const whole = ({ from, until }: Window): Window => ({ from: Math.max(0, Math.floor(from)), until: Math.ceil(until) });

const keyOf = (recording: number, kind: RowKind): string => `lane ${kind} ${String(recording)}`;
