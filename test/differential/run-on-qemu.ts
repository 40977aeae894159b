/** Runs an image on QEMU's virt machine. RAM is a file, so what the guest left in it needs no way out. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MEMORY_BYTES } from "./slot.js";

/** An image takes a second, and on a busy machine many. */
const TIMEOUT_MS = 120_000;

/** RV64GC with Zicsr and Zifencei, and nothing else; ids as ours. */
const CPU = [
  "rv64",
  ...["h", "v", "debug", "sstc", "zba", "zbb", "zbc", "zbs", "Zihintpause"].map((name) => `${name}=off`),
  ...["marchid=0", "mimpid=0", "mvendorid=0"],
].join(",");

/** The bytes of RAM at the end, be it QEMU's or the time's. */
export function runOnQemu(image: Uint8Array): { readonly ram: Uint8Array; readonly ended: boolean } {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-differential-"));
  try {
    const ram = join(folder, "ram");
    writeFileSync(ram, image);
    truncateSync(ram, MEMORY_BYTES);
    const run = spawnSync(
      "qemu-system-riscv64",
      [
        ...["-object", `memory-backend-file,id=ram,size=${String(MEMORY_BYTES)},mem-path=${ram},share=on`],
        ...["-M", "virt,memory-backend=ram", "-m", String(MEMORY_BYTES >> 20), "-cpu", CPU],
        ...["-bios", "none", "-display", "none", "-monitor", "none", "-serial", "none"],
      ],
      { timeout: TIMEOUT_MS, stdio: ["ignore", "ignore", "pipe"] },
    );
    // QEMU takes the time limit's SIGTERM for a request, and ends with status 0.
    const ended = run.error === undefined;
    if (ended && run.status !== 0) throw new Error(`QEMU failed: ${run.stderr.toString()}`);
    return { ram: readFileSync(ram), ended };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
