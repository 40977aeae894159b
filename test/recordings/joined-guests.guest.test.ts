// Two guests joined by a stream socket, one of them here and the other here or on QEMU: frames pass both ways, and what
// was recorded replays alone.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { asyncScheduler, lastValueFrom, NEVER } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { consoleBackend } from "../../src/streams/live/backends/console.js";
import { network } from "../../src/streams/live/backends/network.js";
import { streamSocket } from "../../src/streams/host/net/stream-socket.js";
import { fileSink } from "../../src/streams/host/file-sink.js";
import { openMachine } from "../../src/streams/session/machine-options.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { record } from "../../src/streams/live/recorder.js";
import { run } from "../../src/streams/live/run.js";
import { CARD_SLOT, netGuest, ROUNDS } from "../support/net-guest.js";
import { replayOffline } from "../support/replay-process.js";
import { requires } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { isListening } from "../support/unix-sockets.js";

type Part = Parameters<typeof netGuest>[1];

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

interface End {
  /** What it printed: the letter of the other, once a round. */
  readonly printed: string;
  readonly verify: () => Promise<void>;
}

const here = async (folder: string, letter: string, part: Part, server: boolean): Promise<End> => {
  const [kernel, log] = [join(folder, `${letter}.bin`), join(folder, `${letter}.fold`)];
  writeFileSync(kernel, netGuest(letter, part));
  const { machine, header } = openMachine({ memory: "2M", kernel, seed: letter, virtio: ["rng"], nics: [{}] });
  let printed = "";
  const terminal = consoleBackend({ input$: NEVER, write: (bytes) => (printed += Buffer.from(bytes).toString()) });
  const wire = streamSocket({ address: { type: "unix", path: join(folder, "wire") }, server }, asyncScheduler);
  await lastValueFrom(run(machine, [terminal, network(CARD_SLOT, wire)]).pipe(record(machine, fileSink(log), header)));
  assert.is(machine.ended?.cause, "guest-shutdown");
  return {
    printed,
    async verify() {
      const frames = [...openRecording(log).log.events()].filter(
        ({ event }) => event.type === "virtioNet/frameReceived",
      );
      assert.ok(frames.length >= ROUNDS, String(frames.length));
      // Ends with 99 where a socket is opened.
      const { end, consoleBytes } = await replayOffline(log);
      assert.is(end[2], machine.hash().toString(16));
      assert.is(consoleBytes, ROUNDS);
    },
  };
};

const onQemu = async (folder: string, letter: string, part: Part, server: boolean): Promise<string> => {
  const [kernel, console] = [join(folder, `${letter}.bin`), join(folder, `${letter}.txt`)];
  writeFileSync(kernel, netGuest(letter, part));
  const end = `stream,id=n,server=${server ? "on" : "off"},addr.type=unix,addr.path=${join(folder, "wire")}`;
  const card = ["-netdev", end, "-device", `virtio-net-device,netdev=n,bus=virtio-mmio-bus.${String(CARD_SLOT)}`];
  const machine = ["-M", "virt", "-m", "4M", "-global", "virtio-mmio.force-legacy=false", "-bios", "none"];
  const outputs = ["-display", "none", "-monitor", "none", "-serial", `file:${console}`];
  const qemu = spawn("qemu-system-riscv64", [...machine, "-kernel", kernel, ...outputs, ...card]);
  let complaint = "";
  qemu.stderr.on("data", (bytes) => (complaint += String(bytes)));
  const code = await new Promise((resolve) => qemu.once("close", resolve));
  assert.is(code, 0, complaint);
  return readFileSync(console, "latin1");
};

const wireIn = (folder: string): Promise<void> => until(() => isListening(join(folder, "wire")));

// Negative control, tried once: with the frame's length written in little-endian order (`framed`) no guest ever hears
// of another, and the time is over.
test("given two machines on one wire, when they exchange frames, then each has the other's, and its recording replays with no socket", () =>
  withTemporaryFolder(async (folder) => {
    const asking = here(folder, "a", "asks", true);
    await wireIn(folder);
    const [a, b] = await Promise.all([asking, here(folder, "b", "answers", false)]);
    assert.is(a.printed, "b".repeat(ROUNDS));
    assert.is(b.printed, "a".repeat(ROUNDS));
    await a.verify();
    await b.verify();
  }));

for (const [name, ours, isServer] of [
  ["asks at our socket", "answers", true],
  ["answers at its own", "asks", false],
] as const) {
  const title = `given a guest on QEMU that ${name}, when it is on one wire with ours, then frames pass both ways, and ours replays alone`;
  if (!requires(title, ["qemu-system-riscv64"])) continue;
  test(title, () =>
    withTemporaryFolder(async (folder) => {
      const theirs = ours === "asks" ? "answers" : "asks";
      const startHere = (): Promise<End> => here(folder, "f", ours, isServer);
      const startThere = (): Promise<string> => onQemu(folder, "q", theirs, !isServer);
      const [first, second] = isServer ? [startHere, startThere] : [startThere, startHere];
      const early = first();
      await Promise.race([wireIn(folder), early]);
      const [one, other] = await Promise.all([early, second()]);
      const [foldvm, qemu] = typeof one === "string" ? [other as End, one] : [one, other as string];
      assert.is(foldvm.printed, "q".repeat(ROUNDS));
      assert.is(qemu, "f".repeat(ROUNDS));
      await foldvm.verify();
    }),
  );
}

test.run();
