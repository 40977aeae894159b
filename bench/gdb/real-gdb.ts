/** The real gdb: what one step back takes with all that it asks beside. */
import { execFileSync } from "node:child_process";

import type { Served } from "./served.js";

const STEPS = 100;

/** ms a step; NaN where it is not installed. */
export async function gdbItself(serve: () => Promise<Served>, place: number): Promise<number> {
  const server = await serve();
  try {
    const script = [
      "import gdb, time",
      "gdb.execute('set architecture riscv:rv64')",
      `gdb.execute('target remote ${server.path}', to_string=True)`,
      `gdb.execute('monitor goto ${String(place)}', to_string=True)`,
      "gdb.execute('maintenance flush register-cache')",
      "gdb.execute('reverse-stepi', to_string=True)",
      "start = time.monotonic()",
      `for _ in range(${String(STEPS)}): gdb.execute('reverse-stepi', to_string=True)`,
      `print('@', (time.monotonic() - start) * 1000 / ${String(STEPS)})`,
    ];
    const text = execFileSync(
      "gdb-multiarch",
      ["-nx", "-batch", "-ex", `python exec(${JSON.stringify(script.join("\n"))})`],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    return Number(/@ (\S+)/.exec(text)?.[1]);
  } finally {
    await server.end();
  }
}
