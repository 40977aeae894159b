/** An ext4 image with a small Debian in it: bash and what it is good for, from Debian's own packages. */
import { execFile } from "node:child_process";
import { chmod, cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** Unpacked one over the other. `base-files` is first: it has the links from /bin to /usr/bin. */
export const ROOT_PACKAGES = [
  "base-files",
  "libc6",
  "libgcc-s1",
  "libtinfo6",
  "libacl1",
  "libattr1",
  "libgmp10",
  "libselinux1",
  "libpcre2-8-0",
  "libssl3t64",
  "libsystemd0",
  "libcap2",
  "zlib1g",
  "libzstd1",
  "coreutils",
  "bash",
  "grep",
  "sed",
  "gzip",
  "findutils",
  "diffutils",
] as const;

export const INIT = "/sbin/foldvm-init";
/** What is printed before the first prompt, for whoever waits for it. */
const DISK_BANNER = "foldvm: Debian's bash is up, on an ext4 root";
const DISK_PROMPT = "debian:\\w# ";

const IMAGE_BLOCKS_KIB = 262_144;
/**
 * The file system's own times, and what is random in one. Its files keep when they were made: two images are never the
 * same bytes.
 */
const TIMESTAMP = "1735689600";
const UUID = "8f2d6b1c-5f0e-4c7b-9a57-0f01d0000001";

/** Makes `image`. `trees` are the packages' directories, `busybox` is a static one. Needs mke2fs (e2fsprogs). */
export const makeRootImage = async (
  image: string,
  staging: string,
  trees: readonly string[],
  busybox: string,
): Promise<void> => {
  for (const tree of trees) await cp(tree, staging, { recursive: true, verbatimSymlinks: true, force: true });
  for (const path of ["dev", "proc", "sys", "tmp", "root", "usr/sbin"])
    await mkdir(join(staging, path), { recursive: true });
  await cp(busybox, join(staging, "usr/bin/busybox"));
  await executable(join(staging, INIT), INIT_SCRIPT);
  await executable(join(staging, "usr/sbin/poweroff"), POWEROFF_SCRIPT);
  await writeFile(join(staging, "root/.bashrc"), `PS1='${DISK_PROMPT}'\n`);
  const environment = { ...process.env, E2FSPROGS_FAKE_TIME: TIMESTAMP, SOURCE_DATE_EPOCH: TIMESTAMP };
  const options = ["-q", "-t", "ext4", "-F", "-U", UUID, "-E", `hash_seed=${UUID},root_owner=0:0`, "-d", staging];
  await promisify(execFile)("mke2fs", [...options, image, `${String(IMAGE_BLOCKS_KIB)}k`], { env: environment });
};

const executable = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
};

// The shell has a controlling terminal by cttyhack, as in the initramfs; process 1 stays behind it.
const INIT_SCRIPT = `#!/bin/bash
export PATH=/usr/bin:/usr/sbin HOME=/root TERM=vt100 LANG=C.UTF-8
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t tmpfs tmp /tmp
cd /root
echo
echo "${DISK_BANNER}. Leave with: poweroff"
busybox setsid busybox cttyhack bash --rcfile /root/.bashrc -i
exec poweroff
`;

/** The file system is left clean: nothing is lost, and the next boot has nothing to repair. */
const POWEROFF_SCRIPT = `#!/bin/bash
sync
busybox mount -o remount,ro /
exec busybox poweroff -f
`;
