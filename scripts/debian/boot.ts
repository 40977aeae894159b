/** `npm run debian`: fetches the Debian guest where it is not there yet, and boots it on the terminal. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { debianDisk, type DebianDisk } from "./debian-disk.js";
import { debianImages, type DebianImages } from "./debian-images.js";
import { DEBIAN_MEMORY, KERNEL_COMMAND_LINE } from "./debian-machine.js";

const USAGE = `usage: npm run debian -- [--disk] [run | record -o FILE] [options of foldvm]
Boots Debian's riscv64 kernel through Debian's OpenSBI to a shell. Type; "poweroff" ends it, Ctrl-A X quits.
  npm run debian                            boot it
  npm run debian -- --disk                  boot it to bash, from an ext4 root on a disk
  npm run debian -- record -o debian.fold   boot it and record the run
  npx foldvm replay debian.fold             replay it: the recording knows its images`;

const FOLDVM = fileURLToPath(new URL("../../bin/foldvm.js", import.meta.url));

const machineOptions = ({
  firmware,
  kernel,
  initrd,
}: Pick<DebianImages, "firmware" | "kernel" | "initrd">): string[] => [
  ...["--memory", DEBIAN_MEMORY, "--bios", firmware, "--kernel", kernel, "--initrd", initrd],
  ...["--append", KERNEL_COMMAND_LINE],
];

const diskOptions = ({ root, ...images }: DebianDisk): string[] => [
  ...machineOptions(images),
  ...["--drive", `file=${root.replaceAll(",", ",,")},format=raw`],
];

const report = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const boot = (command: string, options: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [FOLDVM, command, ...options], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => {
      resolve(code ?? 1);
    });
    // The terminal interrupts both: the machine ends by it, and then this does. Others know this process alone.
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => child.kill("SIGTERM"));
  });

/** Options may stand without a command, which is then run. */
function commandOf(words: readonly string[]): readonly [string, readonly string[]] {
  const [first = "run", ...rest] = words;
  return first.startsWith("-") && first !== "--help" && first !== "-h" ? ["run", words] : [first, rest];
}

const main = async (words: readonly string[]): Promise<number> => {
  const isDisk = words.includes("--disk");
  const [command, rest] = commandOf(words.filter((word) => word !== "--disk"));
  if (command === "--help" || command === "-h") {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (command !== "run" && command !== "record") {
    report(`unknown command ${command}\n${USAGE}`);
    return 2;
  }
  try {
    const options = isDisk ? diskOptions(await debianDisk({ report })) : machineOptions(await debianImages({ report }));
    return await boot(command, [...options, ...rest]);
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    return 1;
  }
};

process.exitCode = await main(process.argv.slice(2));
