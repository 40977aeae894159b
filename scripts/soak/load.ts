/** What a soaked guest is made to do: commands for its shell that load disk and network, as a seed picks them. */
import { PROMPT } from "../debian/initramfs.js";
import { oneOf, type Random } from "../../test/support/seeded-random.js";
import type { Step } from "../../test/support/typist.js";

export interface Ports {
  /** Answers `GET /BYTES` with so many bytes of noise. */
  readonly http: number;
  /** Takes whatever is sent to it. */
  readonly sink: number;
}

const FILES = 8;
const HOST = "10.0.2.2";

/** Disk and network come up, then `commands` of the load. */
export const soakSteps = (random: Random, ports: Ports, commands: number): readonly Step[] =>
  [
    "mkdir -p /mnt && mke2fs /dev/vda && mount -t ext4 /dev/vda /mnt || poweroff",
    "ip link set eth0 up; udhcpc -nqf -i eth0 >/dev/null",
    ...Array.from({ length: commands }, () => command(random, ports)),
  ].map((types) => ({ awaits: PROMPT, types: `${types}\n`, withinMs: random(6) }));

const command = (random: Random, ports: Ports): string =>
  random(4) === 0
    ? `${oneOf(random, LOADS)(random, ports)} & ${oneOf(random, LOADS)(random, ports)}; wait`
    : oneOf(random, LOADS)(random, ports);

type Load = (random: Random, ports: Ports) => string;

const file = (random: Random): string => `/mnt/f${String(random(FILES))}`;
const url = (random: Random, { http }: Ports): string => `http://${HOST}:${String(http)}/${String(random(400_000))}`;

const LOADS: readonly Load[] = [
  (random) => `dd if=/dev/urandom of=${file(random)} bs=4096 count=${String(1 + random(100))} conv=fsync 2>/dev/null`,
  (random) => `sha256sum ${file(random)}`,
  (random) => `echo 3 >/proc/sys/vm/drop_caches; cat ${file(random)} | md5sum`,
  (random) => `rm -f ${file(random)}; sync`,
  (random) => `cp ${file(random)} ${file(random)}`,
  (random, ports) => `wget -q -O ${file(random)} ${url(random, ports)}`,
  (random, ports) => `wget -q -O - ${url(random, ports)} | sha256sum`,
  (random, ports) => `cat ${file(random)} | nc -w 5 ${HOST} ${String(ports.sink)}`,
  // Nobody listens there, or nobody may go there.
  (random, ports) => `nc -w 1 ${HOST} ${String(ports.sink + 1 + random(100))} </dev/null`,
  () => `ping -c 2 ${HOST} >/dev/null`,
  (random) => `usleep ${String(random(100_000))}`,
  (random) => `i=0; while [ $i -lt ${String(random(5000))} ]; do i=$((i+1)); done`,
];
