// Debian recorded while its own tracer (ftrace) watches a few commands: what it says of system calls, switches of
// tasks and stacks, by hart, and its counts of interrupts.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cpioNewc } from "../../scripts/debian/cpio-newc.js";
import type { DebianImages } from "../../scripts/debian/debian-images.js";
import { debianMachine } from "../../scripts/debian/debian-machine.js";
import { PROMPT } from "../../scripts/debian/initramfs.js";
import { fileSink } from "../../src/streams/host/file-sink.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { recordTyped } from "./typed-recording.js";

/** Functions whose stacks are traced. */
export const STACKED = ["do_filp_open", "kernel_clone", "do_exit"];

/** The kernel's tracer empties its buffer when it begins, and goes on for a while. */
const TRACED = `#!/bin/sh
mount -t tracefs none /sys/kernel/tracing
cd /sys/kernel/tracing
echo 0 > tracing_on
for event in raw_syscalls sched/sched_switch; do echo 1 > events/$event/enable; done
echo ${STACKED.join(" ")} > set_ftrace_filter
for option in func_stack_trace sym-addr; do echo 1 > options/$option; done
echo function > current_tracer
echo 1 > tracing_on
usleep 50000
echo begin > trace_marker
cat /etc/shrc > /dev/null
cat /nothing
head -c 100 /bin/busybox | md5sum
wc /etc/shrc
(exit 3)
usleep 2000
echo end > trace_marker
echo 0 > tracing_on
cat trace
cat /proc/interrupts
`;

/** Writes what stands where the trace begins and ends. */
export const MARK = "tracing_mark_write";

export interface TracedLinux {
  readonly recording: Recording;
  /** By hart, in the order of their happening; `fields` is what stands behind the event's name. */
  readonly traced: (event: string) => readonly TracedEvent[];
  /** The calls that led to each traced call of `STACKED`: the addresses that the kernel prints, the innermost first. */
  readonly stacks: readonly TracedStack[];
  /** A line of /proc/interrupts: a count for each hart. */
  readonly interrupts: (name: string) => readonly number[];
}

export interface TracedEvent {
  readonly pid: number;
  readonly hart: number;
  /** Of the trace. */
  readonly line: number;
  readonly fields: string;
}

export interface TracedStack extends Omit<TracedEvent, "fields"> {
  readonly function: string;
  readonly pcs: readonly string[];
}

export async function recordTracedLinux(
  images: DebianImages,
  folder: string,
  { smp, seed }: { readonly smp: number; readonly seed: number },
): Promise<TracedLinux> {
  const [path, initrd] = [join(folder, "traced.fold"), join(folder, "initramfs.cpio")];
  const script = { kind: "file", path: "bin/traced", mode: 0o755, bytes: new TextEncoder().encode(TRACED) } as const;
  writeFileSync(initrd, Buffer.concat([readFileSync(images.initrd), cpioNewc([script])]));
  const { console: shown } = await recordTyped(
    {
      seed,
      machine: { ...debianMachine({ ...images, initrd }), smp },
      steps: [
        { awaits: PROMPT, types: "traced\n" },
        { awaits: PROMPT, types: "poweroff\n" },
      ],
      sequence: { sleep: false },
      timeLimitMs: 900_000,
    },
    fileSink(path),
  );
  const lines = shown.split(/\r?\n/);
  const [begin = 0, end] = lines.flatMap((line, index) => (MARKED.test(line) ? [index] : []));
  const trace = lines.slice(begin + 1, end);
  return {
    recording: openRecording(path),
    traced: (event) => eventsIn(trace).filter(({ name }) => name === event),
    stacks: stacksIn(trace),
    interrupts: (name) => {
      const line = lines.find((one) => one.includes(name)) ?? "";
      return [...line.matchAll(/ (\d+)(?= )/g)].slice(0, smp).map(([, count]) => Number(count));
    },
  };
}

/** `   traced-142     [001] .....     1.694386: tracing_mark_write <ffffffff8014ab0c>: begin` */
const MARKED = new RegExp(`: ${MARK} <[0-9a-f]+>: (begin|end)$`);

/** `   cat-150     [000] .....     1.694512: sys_exit: NR 220 = 0` */
const EVENT = /^ *.+-(\d+) +\[(\d+)\] \S+ +[\d.]+: (\w+): (.*)$/;

const eventsIn = (trace: readonly string[]): readonly (TracedEvent & { readonly name: string })[] =>
  trace.flatMap((text, line) => {
    const [, pid, hart, name = "", fields = ""] = EVENT.exec(text) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), hart: Number(hart), line, name, fields }];
  });

/** `   cat-162     [000] .....     2.158606: do_filp_open <ffffffff8032c9d4> <-do_open_execat <ffffffff80320346>` */
const CALL = /^ *.+-(\d+) +\[(\d+)\] \S+ +[\d.]+: (\w+) <([0-9a-f]+)> <-\w+ <([0-9a-f]+)>$/;
/** ` => do_trap_ecall_u <ffffffff80a74844>` */
const FRAME = /^ => (\w+) <([0-9a-f]+)>$/;

/** The kernel walks from its own tracer on, and so finds neither the function itself nor who called it. */
function stacksIn(trace: readonly string[]): readonly TracedStack[] {
  return trace.flatMap((text, line) => {
    const [, pid, hart, name = "", pc = "", caller = ""] = CALL.exec(text) ?? [];
    if (pid === undefined) return [];
    const behind = trace.slice(line + 1).findIndex((next) => next.endsWith("<stack trace>")) + line + 2;
    const frames: string[] = [];
    for (let at = behind; ; at += 1) {
      const [, own, address = ""] = FRAME.exec(trace[at] ?? "") ?? [];
      if (own === undefined) break;
      if (own !== "ftrace_call") frames.push(address);
    }
    return [{ pid: Number(pid), hart: Number(hart), line, function: name, pcs: [pc, caller, ...frames] }];
  });
}
