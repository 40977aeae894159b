/** `npm run soak`: Debian under a random load of disk and network, recorded and replayed. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";

import { debianImages } from "../debian/debian-images.js";
import { soak } from "./soak.js";

const USAGE = `usage: npm run soak -- [--seed N] [--insns N] [--replays N] [--disk MIB]
Records Debian's kernel while it writes and reads a disk and speaks over its network, as a seed picks it, and replays the
recording in new processes: all state hashes must be the same. Exit code 1: they are not.
  --seed N       the load (chance); it is printed
  --insns N      how long to record (10_000_000_000)
  --replays N    how often to replay (10)
  --disk MIB     the size of the disk (64)
The recording stays where the first line says.`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    insns: { type: "string", default: "10_000_000_000" },
    replays: { type: "string", default: "10" },
    disk: { type: "string", default: "64" },
    help: { type: "boolean", short: "h", default: false },
  },
});

const whole = (name: string, text: string): number => {
  const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : NaN;
  if (!(value > 0)) {
    process.stderr.write(`--${name} ${text}: give a whole number\n${USAGE}\n`);
    process.exit(2);
  }
  return value;
};

const report = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (values.help) {
  report(USAGE);
} else {
  const { recorded, replayed } = await soak({
    images: await debianImages({ report }),
    seed: whole("seed", values.seed),
    insns: whole("insns", values.insns),
    replays: whole("replays", values.replays),
    folder: mkdtempSync(join(tmpdir(), "foldvm-soak-")),
    diskBytes: whole("disk", values.disk) * 2 ** 20,
    report,
  });
  const same = replayed.filter((digest) => isDeepStrictEqual(digest, recorded)).length;
  report(`${String(same)} of ${String(replayed.length)} replays are the same in all hashes and the console`);
  process.exitCode = same === replayed.length ? 0 : 1;
}
