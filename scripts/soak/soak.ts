/**
 * Records Debian under a random load of its disk and network, and replays it in new processes: they must end in the
 * same hashes.
 */
import { randomBytes } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";

import type { DebianImages } from "../debian/debian-images.js";
import { debianMachine } from "../debian/debian-machine.js";
import type { ReachRule } from "../../src/streams/net/reach.js";
import { recordInNewProcess, replayInNewProcess, replayOffline } from "../../test/support/replay-process.js";
import type { RunDigest } from "../../test/support/run-digest.js";
import { seededRandom } from "../../test/support/seeded-random.js";
import { soakSteps } from "./load.js";

export interface SoakOptions {
  readonly images: DebianImages;
  readonly seed: number;
  readonly insns: number;
  readonly replays: number;
  /** Where disk and recording are made. */
  readonly folder: string;
  readonly diskBytes: number;
  readonly report: (line: string) => void;
}

export interface SoakResult {
  readonly path: string;
  readonly recorded: RunDigest;
  /** Each of them; equal to what was recorded, or the soak has found something. */
  readonly replayed: readonly RunDigest[];
}

const LOOPBACK = "127.0.0.1";
/** More than any guest gets done in so many instructions. */
const INSNS_A_COMMAND = 2_000_000;
const CHECKPOINT_INSNS = 1 << 26;
/** The slowest machine that is waited for. */
const SLOWEST_INSNS_A_MS = 5_000;
const PATIENCE_MS = 300_000;

export async function soak({
  images,
  seed,
  insns,
  replays,
  folder,
  diskBytes,
  report,
}: SoakOptions): Promise<SoakResult> {
  const http = createHttpServer((request, response) => {
    response.end(randomBytes(Number(request.url?.slice(1)) || 0));
  });
  const sink = createServer((socket) =>
    socket
      .on("error", () => undefined)
      .on("end", () => socket.end())
      .resume(),
  );
  const ports = { http: await listening(http), sink: await listening(sink) };
  const disk = join(folder, "disk.raw");
  writeFileSync(disk, "");
  truncateSync(disk, diskBytes);
  const path = join(folder, "soak.fold");
  const timeLimitMs = PATIENCE_MS + insns / SLOWEST_INSNS_A_MS;
  try {
    report(`recording ${insns.toLocaleString("en")} instructions, seed ${String(seed)}, into ${path}`);
    const startMs = performance.now();
    const recorded = await recordInNewProcess(
      {
        seed,
        machine: {
          ...debianMachine({ ...images, initrd: images.initrdWithModules }),
          drives: [{ file: disk, format: "raw" }],
          nics: [{ network: { type: "user", allow: [ports.http, ports.sink].map(allowed) } }],
        },
        steps: soakSteps(seededRandom(seed), ports, Math.ceil(insns / INSNS_A_COMMAND)),
        sequence: { checkpointInsns: CHECKPOINT_INSNS, untilIcount: insns },
        timeLimitMs,
      },
      path,
    );
    report(`recorded in ${seconds(startMs)}: ${String(recorded.hashes.length)} hashes, state hash ${recorded.end[2]}`);
    const replayed: RunDigest[] = [];
    for (let number = 1; number <= replays; number += 1) {
      const replayMs = performance.now();
      // The first with no network at all.
      replayed.push(await (number === 1 ? replayOffline : replayInNewProcess)(path, timeLimitMs));
      report(
        `replay ${String(number)} of ${String(replays)} in ${seconds(replayMs)}: state hash ${replayed.at(-1)?.end[2] ?? ""}`,
      );
    }
    return { path, recorded, replayed };
  } finally {
    http.close();
    sink.close();
  }
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, LOOPBACK, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

const allowed = (port: number): ReachRule => ({
  protocol: "tcp",
  to: { address: LOOPBACK, bits: 32 },
  firstPort: port,
  lastPort: port,
});

const seconds = (startMs: number): string => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
