/** `npm run soak`: Debian under a random load, recorded and run again; and random questions of what was recorded. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { ENGINE_SETTINGS } from "../../test/support/engine-settings.js";
import { debianImages, type DebianImages } from "../debian/debian-images.js";
import { deviceLoad } from "./device-load.js";
import { hartLoad } from "./hart-load.js";
import type { Load } from "./load.js";
import { soakGdb } from "./gdb.js";
import { soakQueries } from "./queries.js";
import { differences, soak } from "./soak.js";

const USAGE = `usage: npm run soak -- [devices | harts | queries | gdb] [options]
Records Debian under a load that a seed picks, replays the recording in new processes, saves and loads states of it, and
replays it on other settings of the engine: all state hashes must be the same. Or asks recordings random questions,
whose answers must be those of brute force. Or a real gdb goes about in them. Exit code 1: something is not right.
  devices        it writes and reads a disk and speaks over its network (the default)
  harts          all harts are at work at once, from boot to power-off
  queries        questions of every kind, of small recordings and of a boot
  gdb            random commands of gdb-multiarch, forward and back, on U-Boot and on a boot of Debian
  --smp N,...    so many harts, one after the other (1; for harts 1,2,4,8; for gdb 1,4)
  --seed N       the load (chance); it is printed
  --insns N      devices: how long to record (10_000_000_000); queries, gdb: how far to boot (600_000_000)
  --disk MIB     devices: the size of the disk (64)
  --rounds N     harts: how often all get work (3)
  --replays N    how often to replay (10)
  --states N     how many states to save, to load in a new process and to run on (0; for harts 200)
  --queries N    queries: how many (10_000)
  --commands N   gdb: how many of each guest (1_000)
  --of NAME      queries: of recordings whose name has this in it (all)
  --settings     replay it on settings of the engine too
The recordings stay where the first lines say.`;

const LOADS = ["devices", "harts"] as const;
type LoadName = (typeof LOADS)[number];

const report = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const refuse = (message: string): never => {
  process.stderr.write(`${message}\n${USAGE}\n`);
  process.exit(2);
};

const parse = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        smp: { type: "string" },
        seed: { type: "string", default: String(Date.now() % 1_000_000) },
        insns: { type: "string" },
        disk: { type: "string", default: "64" },
        rounds: { type: "string", default: "3" },
        replays: { type: "string", default: "10" },
        states: { type: "string" },
        queries: { type: "string", default: "10_000" },
        commands: { type: "string", default: "1_000" },
        of: { type: "string", default: "" },
        settings: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (fault) {
    return refuse(fault instanceof Error ? fault.message : String(fault));
  }
};

const { values, positionals } = parse();

const whole = (name: string, text: string, least = 1): number => {
  const value = /^\d[\d_]*$/.test(text) ? Number(text.replaceAll("_", "")) : NaN;
  return value >= least ? value : refuse(`--${name} ${text}: give a whole number, ${String(least)} or more`);
};

/** The slowest machine that is waited for, on the slowest setting. */
const SLOWEST_INSNS_A_MS = 5_000;
const PATIENCE_MS = 300_000;
/** More than a round of the load of harts takes, for each of them; and a boot. */
const INSNS_A_ROUND = 500_000_000;
const BOOT_INSNS = 3_000_000_000;

const loadOf = async (name: LoadName, images: DebianImages, harts: number, folder: string): Promise<Load> => {
  const seed = whole("seed", values.seed, 0);
  if (name === "harts") return hartLoad({ images, harts, seed, rounds: whole("rounds", values.rounds) });
  const [insns, diskBytes] = [whole("insns", values.insns ?? "10_000_000_000"), whole("disk", values.disk) * 2 ** 20];
  return deviceLoad({ ...{ images, harts, seed, insns, diskBytes, folder } });
};

const askQueries = async (): Promise<void> => {
  const isRight = await soakQueries({
    ...{ images: await debianImages({ report }), report, of: values.of },
    folder: mkdtempSync(join(tmpdir(), "foldvm-soak-")),
    seed: whole("seed", values.seed, 0),
    queries: whole("queries", values.queries),
    insns: whole("insns", values.insns ?? "600_000_000"),
  });
  report(isRight ? "all answers are those of brute force" : "answers differ");
  if (!isRight) process.exitCode = 1;
};

const letGdbGo = async (): Promise<void> => {
  const isRight = await soakGdb({
    ...{ images: await debianImages({ report }), report, harts: hartCounts("1,4") },
    seed: whole("seed", values.seed, 0),
    commands: whole("commands", values.commands),
    insns: whole("insns", values.insns ?? "600_000_000"),
  });
  report(isRight ? "gdb always stood where it should, and saw what a replay has" : "gdb did not");
  if (!isRight) process.exitCode = 1;
};

const hartCounts = (usual: string): readonly number[] =>
  (values.smp ?? usual).split(",").map((text) => whole("smp", text));

const main = async (): Promise<void> => {
  const [given = "devices", ...more] = positionals;
  if (more.length > 0) refuse(`${more.join(" ")}: one load at a time`);
  if (given === "queries") {
    await askQueries();
    return;
  }
  if (given === "gdb") {
    await letGdbGo();
    return;
  }
  const name =
    LOADS.find((one) => one === given) ?? refuse(`${given}: no load; there are ${LOADS.join(", ")}, queries and gdb`);
  const counts = hartCounts(name === "harts" ? "1,2,4,8" : "1");
  const images = await debianImages({ report });
  for (const harts of counts) {
    const folder = mkdtempSync(join(tmpdir(), "foldvm-soak-"));
    const load = await loadOf(name, images, harts, folder);
    const insns = load.untilIcount ?? BOOT_INSNS + whole("rounds", values.rounds) * harts * INSNS_A_ROUND;
    report(`${name}, ${String(harts)} hart${harts === 1 ? "" : "s"}`);
    const result = await soak({
      ...{ load, folder, report },
      seed: whole("seed", values.seed, 0),
      replays: whole("replays", values.replays, 0),
      states: whole("states", values.states ?? (name === "harts" ? "200" : "0"), 0),
      settings: values.settings ? ENGINE_SETTINGS.filter(({ share }) => share === undefined) : [],
      timeLimitMs: PATIENCE_MS + insns / SLOWEST_INSNS_A_MS,
    });
    const differing = differences(result);
    for (const line of differing) report(`DIFFERS: ${line}`);
    if (differing.length > 0) process.exitCode = 1;
    else report("all are the same in all hashes and the console");
  }
};

if (values.help) report(USAGE);
else await main();
