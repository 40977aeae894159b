/**
 * `npm run bench:saved -- [MiB]`: what saving a state to a file and loading it costs, in time and in memory of the
 * process.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openMachine, openSavedMachine, saveStateFile, type MachineState } from "../src/index.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "../src/machine/ram.js";
import { PageDigester } from "../src/machine/digest/page-digest.js";

const MIB = 1 << 20;
const usedMib = Number(process.argv[2] ?? 512);
const options = { memory: `${String(usedMib + 64)}M`, kernel: "guests/demo/demo.elf", seed: "saved" };

/** Half of each page is the same in all, half is noise: it compresses as a system's memory does. */
const filled = (state: MachineState): MachineState => {
  const digester = new PageDigester();
  let noise = 1;
  const pages = function* (): Generator<[number, RamPage]> {
    for (let index = 0; index < (usedMib * MIB) / RAM_PAGE_BYTES; index += 1) {
      const bytes = new Uint8Array(RAM_PAGE_BYTES).fill(index);
      for (let at = 0; at < RAM_PAGE_BYTES / 2; at += 1) {
        noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
        bytes[at] = noise >>> 24;
      }
      yield [index, { bytes, digest: digester.of(bytes, index) }];
    }
  };
  return { ...state, ram: Ram.zeros(state.ram.pageCount).with(pages()) };
};

const peakMib = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

const folder = mkdtempSync(join(tmpdir(), "foldvm-saved-"));
const path = join(folder, "a.fsnap");
const measured = (what: string, work: () => void): void => {
  const before = peakMib();
  const startMs = performance.now();
  work();
  const seconds = (performance.now() - startMs) / 1000;
  const rate = usedMib / seconds;
  console.log(
    `${what.padEnd(8)}${seconds.toFixed(1).padStart(8)} s${rate.toFixed(0).padStart(8)} MiB/s` +
      `   peak of the process ${String(before)} -> ${String(peakMib())} MiB`,
  );
};

try {
  const { machine, header } = openMachine(options);
  machine.load(filled(machine.state()));
  const state = machine.state();
  console.log(
    `a guest with ${String(usedMib)} MiB in use; with its machine and this state the process has ${String(peakMib())} MiB`,
  );
  measured("saved", () => saveStateFile(path, state, header.images));
  console.log(`${(statSync(path).size / MIB).toFixed(0)} MiB in the file`);
  measured("loaded", () => {
    openSavedMachine(path, { machine: { kernel: options.kernel } }).close();
  });
} finally {
  rmSync(folder, { recursive: true });
}
