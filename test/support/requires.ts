// Whether this machine has what a test needs beside Node. A test that can't run says so in one line, which the test
// command counts.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * What a test can ask for: a program on the PATH, or a file of a Debian package; and the Debian package that brings it.
 */
const PROVIDERS = {
  "qemu-system-riscv64": { debian: "qemu-system-misc" },
  "gdb-multiarch": { debian: "gdb-multiarch" },
  "riscv64-unknown-elf-gcc": { debian: "gcc-riscv64-unknown-elf" },
  "riscv64-unknown-elf-addr2line": { debian: "binutils-riscv64-unknown-elf" },
  "riscv64-unknown-elf-readelf": { debian: "binutils-riscv64-unknown-elf" },
  "riscv64-unknown-elf-nm": { debian: "binutils-riscv64-unknown-elf" },
  "riscv64-unknown-elf-objcopy": { debian: "binutils-riscv64-unknown-elf" },
  "riscv64-unknown-elf-objdump": { debian: "binutils-riscv64-unknown-elf" },
  dtc: { debian: "device-tree-compiler" },
  lz4: { debian: "lz4" },
  cpio: { debian: "cpio" },
  jq: { debian: "jq" },
  curl: { debian: "curl" },
  passt: { debian: "passt" },
  xz: { debian: "xz-utils" },
  "qemu-img": { debian: "qemu-utils" },
  mke2fs: { debian: "e2fsprogs" },
  e2fsck: { debian: "e2fsprogs" },
  bpftool: { debian: "bpftool", file: "/usr/sbin/bpftool" },
  drgn: { debian: "python3-drgn" },
  "apt-get": { debian: "apt" },
  "dpkg-deb": { debian: "dpkg" },
  npm: { debian: "npm" },
  script: { debian: "bsdutils" },
  protoc: { debian: "protobuf-compiler" },
  asciinema: { debian: "asciinema" },
  vcd2fst: { debian: "gtkwave" },
  chromium: { debian: "chromium" },
  opensbi: { debian: "opensbi", file: "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf" },
  "u-boot": { debian: "u-boot-qemu", file: "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf" },
  picolibc: {
    debian: "picolibc-riscv64-unknown-elf",
    file: "/usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs",
  },
} satisfies Record<string, { debian: string; file?: string }>;

export type Requirement = keyof typeof PROVIDERS;

/**
 * True when the machine has all of `needs`. Otherwise prints `SKIP <name>: needs ...` and returns false; under
 * FOLDVM_REQUIRE_ALL=1, where nothing may be skipped, it throws instead.
 *
 *     if (requires("gdb reads registers", ["gdb-multiarch"])) test("gdb reads registers", async () => { ... });
 */
export const requires = (name: string, needs: readonly Requirement[]): boolean => {
  const missing = needs.filter((need) => !has(need));
  if (missing.length === 0) return true;
  const packages = [...new Set(missing.map((need) => PROVIDERS[need].debian))];
  return skip(name, `needs ${missing.join(", ")} (Debian: ${packages.join(" ")})`);
};

/**
 * Reports that `name` can't run here, for a reason that is no Debian package. Always false, so that it can stand for
 * `requires`.
 */
export const skip = (name: string, reason: string): false => {
  const line = `${name}: ${reason}`;
  if (!mayBeSkipped()) throw new Error(`${line}; FOLDVM_REQUIRE_ALL=1 lets no test be skipped`);
  process.stdout.write(`SKIP ${line}\n`);
  return false;
};

export const mayBeSkipped = (): boolean => process.env["FOLDVM_REQUIRE_ALL"] !== "1";

/** Whether the machine has it, without a word. */
export const has = (need: Requirement): boolean => {
  const provider: { debian: string; file?: string } = PROVIDERS[need];
  if (provider.file !== undefined) return allows(provider.file, constants.R_OK);
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.some((folder) => allows(join(folder, need), constants.X_OK));
};

const allows = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
};
