// Debian's kernel and its own tracer against questions of the recording: system calls by kind, calls with their typed
// arguments and results, current, stacks, and interrupts.
// test-time-limit-seconds: 1800
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { readVirtual, seenBy } from "../../../../src/machine/inspect.js";
import type { GuestValue } from "../../../../src/streams/past/names/value.js";
import { at, calls, switches, syscalls, traps, type RowOfHart } from "../../../../src/streams/past/query/index.js";
import { toPerfetto } from "../../../../src/streams/forms/index.js";
import { rows } from "../../../../src/streams/rows/index.js";
import { decodedTrace } from "../../forms/perfetto/decoded.js";
import { requiresDebian } from "../../../support/debian.js";
import { freshSeed } from "../../../support/seeded-random.js";
import { MARK, recordTracedLinux, STACKED } from "../../../support/traced-linux.js";

const HARTS = 2;

/** The functions that make system calls, by the call's number: they take its first arguments, and return its result. */
const MADE_BY: Readonly<Record<string, { readonly of: string; readonly parameters: readonly string[] }>> = {
  56: { of: "do_sys_openat2", parameters: ["dfd", "filename"] },
  63: { of: "ksys_read", parameters: ["fd", "buf", "count"] },
  64: { of: "ksys_write", parameters: ["fd", "buf", "count"] },
  220: { of: "kernel_clone", parameters: [] },
  260: { of: "kernel_wait4", parameters: ["upid", "stat_addr", "options"] },
};

const NOT_THERE = -2n;
const AT_FDCWD = -100n;

const images = await requiresDebian("Debian's kernel is asked what its own tracer says");
const seed = freshSeed();

if (images !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-test-"));
  const { recording, traced, stacks, interrupts } = await recordTracedLinux(images, folder, { smp: HARTS, seed });

  const marks = calls(recording, { of: [MARK, "show_interrupts"] }).toArray();
  const [begin, end] = marks.filter((row) => row.function === MARK).map(({ icount }) => icount);
  /** While the kernel traced. */
  const within = { from: begin, until: end };

  const pidOf = (row: RowOfHart): number | undefined => at(recording, row).taskOf(row.hart)?.pid;
  const byHart = <Row extends { readonly hart: number }>(rows: readonly Row[], text: (row: Row) => string): unknown =>
    Array.from({ length: HARTS }, (_, hart) => rows.filter((row) => row.hart === hart).map(text));
  const plain = (value: GuestValue | undefined): string => (typeof value === "object" ? "" : String(value));

  test(`given the system calls that the kernel traced (seed ${String(seed)}), then the traps are the same, by hart, task, kind and arguments`, () => {
    const told = traced("sys_enter");
    assert.ok(told.length > 80, `only ${String(told.length)} were traced`);
    const found = traps(recording, { of: "ecallFromU", ...within }).toArray();
    assert.equal(
      byHart(found, (row) => {
        const args = row.args.slice(0, 6).map((argument) => argument.toString(16));
        return `${String(pidOf(row))}: NR ${String(row.args[7])} (${args.join(", ")})`;
      }),
      byHart(told, ({ pid, fields }) => `${String(pid)}: ${fields}`),
    );
  });

  test("given the same, then system calls are told with task, arguments, result, and the kernel's own names", () => {
    const rows = syscalls(recording, { results: true, ...within }).toArray();
    assert.equal(
      byHart(rows, ({ pid, number, args }) => {
        const given = args.map((argument) => argument.toString(16)).join(", ");
        return `${String(pid)}: NR ${String(number)} (${given})`;
      }),
      byHart(traced("sys_enter"), ({ pid, fields }) => `${String(pid)}: ${fields}`),
    );
    const returned = rows.flatMap(({ pid, number, returned: { value } = { value: undefined } }) =>
      value === undefined ? [] : [`${String(pid)}: ${String(number)} = ${String(BigInt.asIntN(64, value as bigint))}`],
    );
    const told = returnedInTrace().map(({ pid, number, result }) => `${pid}: ${number} = ${result}`);
    // Where a signal came or a program was replaced, nobody goes on behind the ecall.
    assert.equal(
      returned.filter((one) => !told.includes(one)),
      [],
    );
    assert.ok(returned.length > 0.8 * told.length, `${String(returned.length)} of ${String(told.length)}`);
    const names = new Map(rows.map(({ number, name }) => [number, name]));
    assert.equal(
      [56, 63, 64, 220, 260].map((number) => names.get(number)),
      ["openat", "read", "write", "clone", "wait4"],
    );
  });

  test("given a system call that the kernel has not, then it is refused, and the near ones are named", () => {
    assert.throws(
      () => syscalls(recording, { of: ["openat", "opnat"], ...within }).first(),
      /the guest's kernel has no system call opnat; nearest are openat, openat2/,
    );
  });

  test("given what system calls took and returned, then calls of the functions that make them did, by name and type", () => {
    const told = returnedInTrace();
    const names = Object.values(MADE_BY).map(({ of }) => of);
    const rows = calls(recording, { of: names, results: true, ...within })
      .toArray()
      .filter((row) => row.returned !== undefined);
    for (const [number, { of, parameters }] of Object.entries(MADE_BY)) {
      const expected = told.filter((one) => one.number === number);
      assert.ok(expected.length > 1, of);
      assert.equal(
        rows
          .filter((row) => row.function === of)
          .map((row) => {
            const values = parameters.map((name) => BigInt.asUintN(64, row.parameters?.[name] as bigint).toString(16));
            return `${String(pidOf(row))}: ${values.join(", ")} = ${plain(row.returned?.value)}`;
          })
          .sort(),
        expected
          .map(({ pid, args, result }) => `${pid}: ${args.slice(0, parameters.length).join(", ")} = ${result}`)
          .sort(),
        of,
      );
    }
    const missing = rows.filter((row) => row.returned?.value === NOT_THERE);
    assert.equal(
      missing.map((row) => [row.parameters?.["dfd"], textAt(row, row.parameters?.["filename"] as bigint)]),
      [[AT_FDCWD, "/nothing"]],
    );
  });

  /** Those that began in the trace, too: a child returns from its parent's. */
  function returnedInTrace() {
    const entered = traced("sys_enter");
    return traced("sys_exit").flatMap(({ pid, fields, line }) => {
      const [, number = "", result = ""] = /^NR (\d+) = (-?\d+)$/.exec(fields) ?? [];
      const before = entered.filter((one) => one.pid === pid && one.line < line).at(-1);
      if (before?.fields.startsWith(`NR ${number} `) !== true) return [];
      const args = (/\((.*)\)/.exec(before.fields)?.[1] ?? "").split(", ");
      return [{ number, pid: String(pid), args, result }];
    });
  }

  function textAt(row: RowOfHart, address: bigint): string {
    const bytes = readVirtual(seenBy(at(recording, row).state, row.hart), address, 16) ?? new Uint8Array();
    return Buffer.from(bytes).toString("latin1").split("\0", 1).join("");
  }

  test("given the switches of tasks that the kernel traced, then current was the task before, and the next was told", () => {
    const rows = calls(recording, { of: "__switch_to", ...within }).toArray();
    assert.ok(rows.length > 8);
    assert.equal(
      byHart(rows, (row) => {
        const moment = at(recording, row);
        assert.is(moment.hart, row.hart);
        const next = "((struct task_struct *)$a1)";
        assert.is(moment.read("current->comm"), moment.task?.comm ?? "");
        const before = `prev_comm=${String(moment.task?.comm)} prev_pid=${plain(moment.read("current->pid"))}`;
        return `${before} next_comm=${plain(moment.read(`${next}->comm`))} next_pid=${plain(moment.read(`${next}->pid`))}`;
      }),
      byHart(traced("sched_switch"), ({ fields }) => (fields.match(/(prev|next)_(comm|pid)=\S+/g) ?? []).join(" ")),
    );
  });

  test("given the same, then switches tell both tasks, their priorities, and why the one before was left", () => {
    const rows = switches(recording, within).toArray();
    assert.equal(
      byHart(rows, ({ previous, comm, pid, priority }) =>
        [
          `prev_comm=${previous.comm} prev_pid=${String(previous.pid)} prev_prio=${String(previous.priority)}`,
          `prev_state=${String(previous.state)}`,
          `next_comm=${comm} next_pid=${String(pid)} next_prio=${String(priority)}`,
        ].join(" "),
      ),
      // `R+`: ready, and preempted in the kernel.
      byHart(traced("sched_switch"), ({ fields }) => fields.replace(" ==>", "").replace("R+", "R")),
    );
    const states = new Set(rows.map(({ previous }) => previous.state));
    assert.ok(["R", "S", "I"].every((state) => states.has(state as "R")) && states.size > 3, [...states].join());
  });

  test("given the switches of all of the run, when Perfetto reads them, then each task that ran is in its scheduling table", async () => {
    const all = switches(recording).toArray();
    const pieces: Uint8Array[] = [];
    const told = rows(recording, { events: false, questions: { switches: switches(recording) } });
    for await (const piece of toPerfetto(told)) pieces.push(piece);
    const { scheduled } = decodedTrace(new Uint8Array(Buffer.concat(pieces)));
    assert.equal(
      scheduled.map(({ cpu, tid, comm, ns }) => `${String(cpu)} ${String(tid)} ${comm} ${String(ns)}`),
      all
        .filter(({ pid }) => pid !== 0)
        .map(({ hart, pid, comm, ns }) => `${String(hart)} ${String(pid)} ${comm} ${String(ns)}`),
    );
    // All but who runs at the end.
    const isOpen = scheduled.filter(({ endState }) => endState === undefined);
    assert.ok(isOpen.length <= HARTS, `${String(isOpen.length)} have no end`);
    assert.ok(all.length > 1000, String(all.length));
  });

  test("given stacks that the kernel traced, then ours are the same, and end in the program", () => {
    assert.ok(stacks.length > 8);
    const rows = calls(recording, { of: STACKED, ...within }).toArray();
    const program: bigint[] = [];
    assert.equal(
      byHart(rows, (row) => {
        const frames = at(recording, row).stack(row.hart);
        program.push(frames.at(-1)?.pc ?? 0n);
        return `${row.function} ${frames
          .slice(0, -1)
          .map(({ pc }) => pc.toString(16))
          .join(" ")}`;
      }),
      byHart(stacks, ({ function: name, pcs }) => `${name} ${pcs.join(" ")}`),
    );
    assert.ok(program.every((pc) => pc > 0n && pc < 1n << 38n));
  });

  test("given the interrupts that /proc tells, then as many traps were taken by each hart until then", () => {
    const shown = marks.find((row) => row.function === "show_interrupts")?.icount;
    assert.ok(shown !== undefined);
    const timers = traps(recording, { of: "sti", until: shown }).toArray();
    assert.equal(
      Array.from({ length: HARTS }, (_, hart) => timers.filter((row) => row.hart === hart).length),
      interrupts("riscv-timer"),
    );
  });

  test.after(() => {
    recording.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

test.run();
