/** How much happened where, in buckets from the worker: kept by level, so that zooming draws what is there already. */
import type { Axis, DensityAnswer, Summary } from "../../protocol.js";
import { spanOf, type Window } from "../model/scale.js";
import type { Asker } from "./asker.js";

const BUCKETS_A_TILE = 512;
/** Pixels. */
const BUCKET_WIDTH = 2;
const MAX_TILES = 400;
const MAX_RUNNING = 3;
/** Coarser levels that may stand in for what is on its way. */
const STAND_INS = 24;

export interface Tile {
  readonly from: number;
  /** Of a bucket, on the axis. */
  readonly size: number;
  readonly density: DensityAnswer;
}

/** A tile, and the part of it that is to be drawn. */
export interface Piece extends Window {
  readonly tile: Tile;
}

export type Run = Pick<Summary, "recording" | "end">;

export interface Tiles {
  /** What is there of a window; what is not is asked for, and `came` tells when it is. */
  readonly pieces: (run: Run, axis: Axis, window: Window, width: number) => readonly Piece[];
  /** More is known of that recording than when its tiles were made: they are drawn until there are others. */
  readonly refresh: (recording: number) => void;
}

export function tilesOf(asker: Asker, came: () => void): Tiles {
  const kept = new Map<string, Tile>();
  const stale = new Set<string>();
  const running = new Set<string>();
  let wanted: (() => void)[] = [];
  const request = (recording: number, axis: Axis, level: number, index: number, key: string): void => {
    if (running.has(key) || (kept.has(key) && !stale.has(key))) return;
    wanted.push(() => {
      running.add(key);
      const size = 2 ** level;
      const from = index * BUCKETS_A_TILE * size;
      const window = { axis, from, until: from + BUCKETS_A_TILE * size };
      asker.ask(`idle tile ${key}`, "density", { recording, window, buckets: BUCKETS_A_TILE }).then(
        (density) => {
          running.delete(key);
          stale.delete(key);
          // The run's end may be inside it.
          if (density !== undefined)
            keep(key, { from: density.from, size: (density.until - density.from) / BUCKETS_A_TILE, density });
          came();
        },
        // Asked for again when it is looked at again.
        () => running.delete(key),
      );
    });
  };
  const keep = (key: string, tile: Tile): void => {
    kept.delete(key);
    kept.set(key, tile);
    const oldest = kept.keys().next().value;
    if (kept.size > MAX_TILES && oldest !== undefined) kept.delete(oldest);
  };
  const standIn = (recording: number, axis: Axis, level: number, at: number): Tile | undefined => {
    for (let coarser = level + 1; coarser <= level + STAND_INS; coarser += 1) {
      const tile = kept.get(keyOf(recording, axis, coarser, Math.floor(at / (BUCKETS_A_TILE * 2 ** coarser))));
      if (tile !== undefined) return tile;
    }
    return undefined;
  };
  return {
    pieces({ recording, end }, axis, window, width) {
      const level = levelOf(window, width);
      const span = BUCKETS_A_TILE * 2 ** level;
      const pieces: Piece[] = [];
      wanted = [];
      const until = Math.min(window.until, end[axis]);
      for (let index = Math.floor(window.from / span); index * span < until; index += 1) {
        const key = keyOf(recording, axis, level, index);
        request(recording, axis, level, index, key);
        const tile = kept.get(key) ?? standIn(recording, axis, level, index * span);
        if (tile !== undefined) pieces.push({ tile, from: index * span, until: (index + 1) * span });
      }
      for (const start of wanted) if (running.size < MAX_RUNNING) start();
      return pieces;
    },
    refresh(recording) {
      for (const key of kept.keys()) if (key.startsWith(`${String(recording)} `)) stale.add(key);
    },
  };
}

/** Buckets are powers of two wide: neighbouring zooms share them. */
export const levelOf = (window: Window, width: number): number =>
  Math.max(0, Math.ceil(Math.log2((spanOf(window) / Math.max(1, width)) * BUCKET_WIDTH)));

const keyOf = (recording: number, axis: Axis, level: number, index: number): string =>
  `${String(recording)} ${axis} ${String(level)} ${String(index)}`;
