/** How many runs a minute a hunt records: the demonstration's race of two harts, by two workers. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { huntCommand } from "./emulators.js";
import { figure } from "./program-rows.js";
import type { Row } from "./row.js";

const RUNS = 1000;
const MINUTE_MS = 60_000;
const HARTS_ELF = fileURLToPath(new URL("../guests/harts/harts.elf", import.meta.url));

export const huntRow = (work: string): Row => ({
  ...{ name: "hunt", title: `${String(RUNS)} runs of a race of two harts, each recorded`, kind: "log" },
  subjects: [
    {
      ...{ name: "ours hunt", emulator: "foldvm", expect: "of 1,000 runs failed" },
      command: [
        ...huntCommand(join(work, "{n}.fold")),
        ...["--runs", String(RUNS), "--jobs", "2", "--keep", "none", "--chaos=bench"],
        ...["--smp", "2", "--bios", "none", "--kernel", HARTS_ELF, "--append", "lost-update"],
      ],
    },
  ],
  figures: (medians) => {
    const { wallMs } = medians("ours hunt") ?? {};
    const runs = wallMs === undefined ? undefined : (RUNS * MINUTE_MS) / wallMs;
    return [figure("runs a minute", runs, "runs/min", [{ atLeast: 1000 }])];
  },
});
