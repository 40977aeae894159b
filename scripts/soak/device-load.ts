/** Debian's disk and network at work: commands for its shell, as a seed picks them. */
import { randomBytes } from "node:crypto";
import { truncateSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";

import type { DebianImages } from "../debian/debian-images.js";
import { debianMachine } from "../debian/debian-machine.js";
import { PROMPT } from "../debian/initramfs.js";
import type { ReachRule } from "../../src/streams/net/reach.js";
import { oneOf, seededRandom, type Random } from "../../test/support/seeded-random.js";
import type { Step } from "../../test/support/typist.js";
import type { Load } from "./load.js";

export interface DeviceLoadOptions {
  readonly images: DebianImages;
  readonly harts: number;
  readonly seed: number;
  readonly insns: number;
  /** Where the disk is made. */
  readonly folder: string;
  readonly diskBytes: number;
}

/** With servers of the host's that the guest speaks to. */
export async function deviceLoad(options: DeviceLoadOptions): Promise<Load> {
  const { images, harts, seed, insns, folder, diskBytes } = options;
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
  return {
    machine: {
      ...debianMachine({ ...images, initrd: images.initrdWithModules }),
      smp: harts,
      drives: [{ file: disk, format: "raw" }],
      nics: [{ network: { type: "user", allow: [ports.http, ports.sink].map(allowed) } }],
    },
    steps: steps(seededRandom(seed), ports, Math.ceil(insns / INSNS_A_COMMAND)),
    untilIcount: insns,
    close: () => {
      http.close();
      sink.close();
    },
  };
}

interface Ports {
  /** Answers `GET /BYTES` with so many bytes of noise. */
  readonly http: number;
  /** Takes whatever is sent to it. */
  readonly sink: number;
}

const LOOPBACK = "127.0.0.1";
/** More than any guest gets done in so many instructions. */
const INSNS_A_COMMAND = 2_000_000;
const FILES = 8;
const HOST = "10.0.2.2";

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

/** Disk and network come up, then `commands` of the load. */
const steps = (random: Random, ports: Ports, commands: number): readonly Step[] =>
  [
    "mkdir -p /mnt && mke2fs /dev/vda && mount -t ext4 /dev/vda /mnt || poweroff",
    "ip link set eth0 up; udhcpc -nqf -i eth0 >/dev/null",
    ...Array.from({ length: commands }, () => command(random, ports)),
  ].map((types) => ({ awaits: PROMPT, types: `${types}\n`, withinMs: random(6) }));

const command = (random: Random, ports: Ports): string =>
  random(4) === 0
    ? `${oneOf(random, COMMANDS)(random, ports)} & ${oneOf(random, COMMANDS)(random, ports)}; wait`
    : oneOf(random, COMMANDS)(random, ports);

type Command = (random: Random, ports: Ports) => string;

const file = (random: Random): string => `/mnt/f${String(random(FILES))}`;
const url = (random: Random, { http }: Ports): string => `http://${HOST}:${String(http)}/${String(random(400_000))}`;

const COMMANDS: readonly Command[] = [
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
