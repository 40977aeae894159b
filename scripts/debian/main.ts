/** `npm run debian:fetch`: fetches the Debian guest and prints where its images lie, as JSON on standard output. */
import { debianDebug } from "./debian-debug.js";
import { debianImages } from "./debian-images.js";

const USAGE = `usage: npm run debian:fetch -- [--refresh] [--debug]
Fetches Debian's riscv64 kernel and static busybox through apt, and makes an initramfs.
They are kept in $FOLDVM_CACHE, or $XDG_CACHE_HOME/foldvm, or ~/.cache/foldvm.
  --refresh   fetch what the archive has today
  --debug     that kernel's vmlinux with debugging information too, for drgn and crash: 1 GB to fetch, 0.3 GB to keep`;

const OPTIONS: readonly string[] = ["--refresh", "--debug"];

const report = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const main = async (words: readonly string[]): Promise<number> => {
  if (words.includes("--help") || words.includes("-h")) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const unknown = words.find((word) => !OPTIONS.includes(word));
  if (unknown !== undefined) {
    report(`unknown argument ${unknown}\n${USAGE}`);
    return 2;
  }
  try {
    const images = await debianImages({ refresh: words.includes("--refresh"), report });
    const debug = words.includes("--debug") ? { debug: await debianDebug({ report }) } : {};
    process.stdout.write(`${JSON.stringify({ ...images, ...debug }, undefined, 2)}\n`);
    return 0;
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    return 1;
  }
};

process.exitCode = await main(process.argv.slice(2));
