/** All harts of Debian at work at once, from boot to power-off: jobs of its shell, as a seed picks them. */
import type { DebianImages } from "../debian/debian-images.js";
import { debianMachine } from "../debian/debian-machine.js";
import { PROMPT } from "../debian/initramfs.js";
import { oneOf, seededRandom, type Random } from "../../test/support/seeded-random.js";
import type { Load } from "./load.js";

export interface HartLoadOptions {
  readonly images: DebianImages;
  readonly harts: number;
  readonly seed: number;
  /** How often all harts get work; each waits for the one before. */
  readonly rounds: number;
}

export function hartLoad({ images, harts, seed, rounds }: HartLoadOptions): Load {
  const random = seededRandom(seed);
  const commands = [...Array.from({ length: rounds }, () => round(random, harts)), "cat /proc/interrupts", "poweroff"];
  return {
    machine: { ...debianMachine(images), smp: harts },
    steps: commands.map((types) => ({ awaits: PROMPT, types: `${types}\n`, withinMs: random(6) })),
    close: () => undefined,
  };
}

/** As many jobs as harts, and one more: some hart has two. Meanwhile another one may be stopped and started again. */
const round = (random: Random, harts: number): string => {
  const jobs = Array.from({ length: harts + 1 }, () => `(${oneOf(random, JOBS)(random)}) &`);
  const stopped = harts > 1 && random(2) === 0 ? 1 + random(harts - 1) : 0;
  return [...jobs, ...(stopped === 0 ? [] : [restart(stopped)]), "wait"].join(" ");
};

/** By OpenSBI's extension for the state of harts (HSM), while its work moves to others. */
const restart = (hart: number): string => {
  const switchOf = `/sys/devices/system/cpu/cpu${String(hart)}/online`;
  return `echo 0 >${switchOf}; echo 1 >${switchOf};`;
};

type Job = (random: Random) => string;

const JOBS: readonly Job[] = [
  (random) => `dd if=/dev/urandom bs=4096 count=${String(1 + random(60))} 2>/dev/null | gzip | sha256sum`,
  (random) => `seq ${String(1 + random(2000))} | sort -r | md5sum`,
  (random) => `head -c ${String(1 + random(1_000_000))} /bin/busybox | gzip -1 | gunzip | md5sum`,
  (random) => `i=0; while [ $i -lt ${String(random(5000))} ]; do i=$((i+1)); done`,
  // Forks: page tables that others must forget.
  (random) => `for i in $(seq ${String(1 + random(30))}); do /bin/busybox true; done`,
  (random) => `f=/tmp/${String(random(1000))}; cp /bin/busybox $f; cmp $f /bin/busybox; rm $f`,
  () => "find / -xdev | wc -l",
  // A pipe that two harts pass bytes through.
  (random) => `yes | head -n ${String(1 + random(20_000))} | cat | wc -c`,
  (random) => `usleep ${String(random(20_000))}`,
];
