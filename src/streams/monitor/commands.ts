/** The monitor's commands, one a row; names and operands as QEMU's where QEMU has them. */
import { virtualNsOf } from "../../machine/inspect.js";
import { DRAM_BASE, MEMORY_MAP, type Region } from "../../machine/memory-map.js";
import type { Stopped } from "../control.js";
import { countOf, evaluate } from "./expression.js";
import { formatOf, memoryText } from "./examine.js";
import { MonitorError } from "./monitor-error.js";
import { deviceTreeText } from "./qtree.js";
import { registersText } from "./registers.js";
import type { MonitorTarget } from "./target.js";

export interface MonitorCommand {
  readonly names: readonly string[];
  readonly operands?: string;
  readonly help: string;
  run(target: MonitorTarget, operands: readonly string[]): string | undefined | Promise<string | undefined>;
}

const INFO: Readonly<Record<string, (target: MonitorTarget) => string>> = {
  registers: (target) => registersText(target.state()),
  status: (target) => `VM status: ${statusOf(target)}`,
  replay(target) {
    const { position } = target.state();
    const end = target.lastIcount === undefined ? "" : ` of ${String(target.lastIcount)}`;
    return `${target.mode}: instruction count = ${String(position.icount)}${end}, event = ${String(position.seq)}, virtual clock = ${String(virtualNsOf(target.state()))} ns${endOf(target)}`;
  },
  snapshots(target) {
    const rows = target.snapshots();
    if (rows.length === 0) return "There is no snapshot available.";
    return [
      "NAME ICOUNT EVENT SIZE",
      ...rows.map(({ name, icount, seq, size }) => `${name} ${String(icount)} ${String(seq)} ${String(size)}`),
    ].join("\n");
  },
  devices: (target) => JSON.stringify(target.state().platform, forJson, 2),
  qtree: (target) => deviceTreeText(target.state().config),
  mtree(target) {
    type Row = Region & { readonly name: string };
    const map: [string, Region | readonly Region[]][] = Object.entries(MEMORY_MAP);
    const regions = map.flatMap(([name, region]): readonly Row[] =>
      "base" in region
        ? [{ name, ...region }]
        : region.map((slot, index) => ({ name: `${name}${String(index)}`, ...slot })),
    );
    const all = [...regions, { name: "ram", base: DRAM_BASE, sizeBytes: target.state().config.memoryBytes }];
    return all
      .sort((a, b) => a.base - b.base)
      .map(({ name, base, sizeBytes }) => `${address(base)}-${address(base + sizeBytes - 1)}: ${name}`)
      .join("\n");
  },
};

export const COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["info"],
    operands: Object.keys(INFO).join("|"),
    help: "show something of the machine",
    run(target, [what = ""]) {
      const show = INFO[what];
      if (show === undefined || !Object.hasOwn(INFO, what)) {
        throw new MonitorError(
          "UNKNOWN_COMMAND",
          `there is no info ${what}; there are ${Object.keys(INFO).join(", ")}`,
        );
      }
      return show(target);
    },
  },
  {
    names: ["x"],
    operands: "/FMT ADDRESS",
    help: "virtual memory, such as x /8xw $sp or x /5i $pc",
    run: (target, operands) => examine(target, operands, false),
  },
  {
    names: ["xp"],
    operands: "/FMT ADDRESS",
    help: "physical memory; a device's register without a read's effects",
    run: (target, operands) => examine(target, operands, true),
  },
  {
    names: ["print", "p"],
    operands: "EXPRESSION",
    help: "a number, such as $a0 or $pc+4",
    run: (target, operands) => `0x${evaluate(required(operands, "an expression"), target.state()).toString(16)}`,
  },
  {
    names: ["stop"],
    help: "stand still",
    async run({ control }) {
      return told(await control.pause());
    },
  },
  {
    names: ["cont", "c"],
    help: "go on",
    run({ control }) {
      control.resume();
      return undefined;
    },
  },
  {
    names: ["wait"],
    help: "wait until it stands, or the run is over",
    async run(target) {
      const { control } = target;
      if (control.isPaused) return undefined;
      if (control.hasEnded) return told({ cause: "ended", position: target.state().position });
      return told(await new Promise<Stopped>((resolve) => control.stopped$.subscribe(resolve)));
    },
  },
  {
    names: ["step", "stepi", "s"],
    operands: "[N]",
    help: "retire N instructions (1), and the events on the way",
    run: async (target, [count = "1"]) => told(await target.control.step(countOf(count, target.state()))),
  },
  {
    names: ["run_until", "replay_break"],
    operands: "ICOUNT",
    help: "run forward to an instruction count, before the events that stand there",
    run: async (target, operands) =>
      told(
        await target.control.runUntil({ icount: countOf(required(operands, "an instruction count"), target.state()) }),
      ),
  },
  {
    names: ["run_until_text"],
    operands: "TEXT",
    help: "run until a console has printed it",
    run: async ({ control }, operands) =>
      told(await control.runUntil({ text: required([operands.join(" ")], "a text") })),
  },
  {
    names: ["replay_seek"],
    operands: "ICOUNT",
    help: "go to an instruction count of the recording, forward or back",
    run: (target, operands) => seek(target, countOf(required(operands, "an instruction count"), target.state())),
  },
  {
    names: ["reverse-stepi", "reverse_stepi"],
    operands: "[N]",
    help: "go N instructions back (1)",
    run(target, [count = "1"]) {
      const state = target.state();
      return seek(target, Math.max(0, state.position.icount - countOf(count, state)));
    },
  },
  {
    names: ["savevm"],
    operands: "NAME",
    help: "put the present state into the recording under a name",
    async run(target, operands) {
      const name = required([operands.join(" ")], "a name");
      const wasRunning = !target.control.isPaused;
      await target.control.pause();
      target.saveSnapshot(name);
      if (wasRunning) target.control.resume();
      return undefined;
    },
  },
  {
    names: ["loadvm"],
    operands: "NAME",
    help: "go to a snapshot of the recording",
    async run(target, operands) {
      if (target.loadSnapshot === undefined) throw notHere(target, "begin another recording with --from FILE#NAME");
      await target.loadSnapshot(required([operands.join(" ")], "a name"));
      return where(target);
    },
  },
  {
    names: ["delvm"],
    operands: "NAME",
    help: "take a snapshot's name away",
    run(target, operands) {
      target.deleteSnapshot(required([operands.join(" ")], "a name"));
      return undefined;
    },
  },
  {
    names: ["system_reset"],
    help: "press the reset button",
    run(target) {
      if (target.reset === undefined) throw notHere(target, "a recording has the resets that it has");
      target.reset();
      return undefined;
    },
  },
  {
    names: ["system_powerdown"],
    help: "there is no power button, as QEMU's virt for RISC-V has none",
    run() {
      throw new MonitorError(
        "NO_POWER_BUTTON",
        "the machine has no power button that its guest could see, nor has QEMU's virt for RISC-V, whose monitor then says " +
          "nothing; switch it off in the guest, or with quit",
      );
    },
  },
  {
    names: ["quit", "q"],
    help: "end; a recording is closed",
    run(target) {
      target.quit();
      return undefined;
    },
  },
];

function examine(target: MonitorTarget, operands: readonly string[], isPhysical: boolean): string {
  const hasFormat = operands[0]?.startsWith("/") === true;
  const state = target.state();
  const at = evaluate(required([operands.slice(hasFormat ? 1 : 0).join("")], "an address"), state);
  return memoryText(state, at, formatOf(hasFormat ? operands[0] : undefined), isPhysical);
}

async function seek(target: MonitorTarget, icount: number): Promise<string> {
  if (target.seek === undefined) throw notHere(target, "a machine that runs goes forward only; replay its recording");
  await target.seek(icount);
  return where(target);
}

function statusOf(target: MonitorTarget): string {
  const { control } = target;
  if (control.hasEnded || target.state().power.off !== null) return `shutdown${endOf(target)}`;
  return control.isPaused ? "paused" : "running";
}

/** How the run ended, in the words of `foldvm info`. */
function endOf(target: MonitorTarget): string {
  const { off } = target.state().power;
  if (off !== null) return ` (${off.cause}, code ${String(off.code)})`;
  return target.control.hasEnded ? " (stopped; the guest was still on)" : "";
}

const where = (target: MonitorTarget): string => {
  const { seq, icount } = target.state().position;
  return `at instruction ${String(icount)}, event ${String(seq)}`;
};

const told = ({ cause, position }: Stopped): string =>
  `${cause}: instruction ${String(position.icount)}, event ${String(position.seq)}`;

function required([operand]: readonly string[], what: string): string {
  if (operand === undefined || operand === "") throw new MonitorError("MISSING_OPERAND", `${what} is missing`);
  return operand;
}

const notHere = ({ mode }: MonitorTarget, remedy: string): MonitorError =>
  new MonitorError("NOT_HERE", `not in a ${mode}: ${remedy}`);

const address = (value: number): string => value.toString(16).padStart(16, "0");

const forJson = (_key: string, value: unknown): unknown =>
  typeof value === "bigint"
    ? `0x${value.toString(16)}`
    : value instanceof Uint8Array
      ? Buffer.from(value).toString("hex")
      : value;
